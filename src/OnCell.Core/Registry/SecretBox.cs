using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace OnCell.Registry;

/// <summary>Encrypts what must not lie readable on the host's disk, by ASP.NET Data Protection with keys of its own.</summary>
internal sealed class SecretBox : IDisposable
{
    private readonly Lazy<ServiceProvider> _services;
    private readonly Lazy<IDataProtector> _protector;

    /// <param name="keyFolder">Where the keys lie; made at the first use, readable by this user only.</param>
    public SecretBox(string keyFolder)
    {
        _services = new(() => Create(keyFolder));
        _protector = new(() => _services.Value.GetRequiredService<IDataProtectionProvider>().CreateProtector("OnCell.Secrets.v1"));
    }

    public void Dispose()
    {
        if (_services.IsValueCreated) _services.Value.Dispose();
    }

    public byte[] Protect<T>(T value) => _protector.Value.Protect(JsonSerializer.SerializeToUtf8Bytes(value, OnCellJson.Options));

    /// <exception cref="OnCellException">The keys that encrypted it are gone.</exception>
    public T Unprotect<T>(byte[] data)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(_protector.Value.Unprotect(data), OnCellJson.Options)!;
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new OnCellException(OnCellError.Failed,
                "A stored secret cannot be decrypted: the folder \"keys\" of the data root is not the one it was stored with. Restore it from the backup.", e);
        }
    }

    private static ServiceProvider Create(string keyFolder)
    {
        var folder = Directory.CreateDirectory(keyFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // A container of its own: the application's keys, which it may rotate or lose with its sessions, are none of ours.
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName("OnCell").PersistKeysToFileSystem(folder);
        return services.BuildServiceProvider();
    }
}
