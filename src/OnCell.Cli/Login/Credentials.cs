using System.Text.Json;

namespace OnCell.Cli.Login;

/// <summary>Where the service is and the key for it, in a file that only its user can read.</summary>
internal sealed record Credentials(string Url, string? Key)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string FilePath
    {
        get
        {
            var home = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } xdg
                ? xdg
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".config");
            return Path.Combine(home, "oncell", "credentials.json");
        }
    }

    /// <exception cref="UsageException">The file can be read by others, or is damaged.</exception>
    public static Credentials? Read()
    {
        var path = FilePath;
        if (!File.Exists(path)) return null;
        if ((File.GetUnixFileMode(path) & ~OwnerOnly) != 0)
            throw new UsageException($"{path} can be read by others: chmod 600 it, and make a new key if it was seen.", ExitCodes.NotLoggedIn);
        try
        {
            return JsonSerializer.Deserialize<Credentials>(File.ReadAllBytes(path));
        }
        catch (JsonException)
        {
            throw new UsageException($"{path} is damaged. Log in again: oncell login.", ExitCodes.NotLoggedIn);
        }
    }

    /// <summary>Writes the file beside its place and moves it there, so that it is whole and never open to others.</summary>
    public void Write()
    {
        var path = FilePath;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
        var aside = $"{path}.{Environment.ProcessId}";
        using (var file = new FileStream(aside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            file.Write(JsonSerializer.SerializeToUtf8Bytes(this));
        File.Move(aside, path, overwrite: true);
    }

    /// <summary>A record's text must not show the key.</summary>
    public override string ToString() => $"credentials for {Url}";
}
