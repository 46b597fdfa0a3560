using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OnCell.Sandboxes.Runtime;

/// <summary>The paths of one sandbox below the runtime root. The folder is made before anything else and removed after all else.</summary>
internal sealed class RuntimeFolder(string runtimeRoot, string name)
{
    private const int LongestSocketPath = 107;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Gets the name of the container: a sandbox's id, or the name of a sandbox of the warm pool.</summary>
    internal string Name { get; } = name;

    internal string Path { get; } = System.IO.Path.Combine(runtimeRoot, name);

    internal string Bundle => System.IO.Path.Combine(Path, "bundle");

    internal string SpecFile => System.IO.Path.Combine(Bundle, "config.json");

    internal string RootFileSystem => System.IO.Path.Combine(Path, "rootfs");

    internal string Sockets => System.IO.Path.Combine(Path, "sock");

    internal string ControlSocket => System.IO.Path.Combine(Sockets, "control.sock");

    internal string EgressSocket => System.IO.Path.Combine(Sockets, "egress.sock");

    internal string CredentialSocket => System.IO.Path.Combine(Sockets, "credential.sock");

    internal string PidFile => System.IO.Path.Combine(Path, "pid");

    /// <summary>Gets the file that takes what the guest says while it waits in the warm pool.</summary>
    internal string LastWordsFile => System.IO.Path.Combine(Path, "words");

    private string RecordFile => System.IO.Path.Combine(Path, "sandbox.json");

    /// <summary>Gets a short name of a runtime root, to tell the runtimes of one host apart.</summary>
    internal static string Fingerprint(string runtimeRoot) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(System.IO.Path.TrimEndingDirectorySeparator(runtimeRoot))).AsSpan(0, 6));

    /// <exception cref="SandboxException">The folder lies too deep for the sockets in it.</exception>
    internal void RequireSocketPaths()
    {
        var bytes = Encoding.UTF8.GetByteCount(CredentialSocket);
        if (bytes > LongestSocketPath)
            throw new SandboxException(
                $"The socket {CredentialSocket} has a path of {bytes} bytes and Unix allows {LongestSocketPath}: shorten RunscOptions.RuntimeRoot or the sandbox's id.");
    }

    /// <summary>Makes the folder and notes what a later process needs to clean up after this one.</summary>
    internal void Create(RuntimeRecord record)
    {
        Directory.CreateDirectory(Path, OwnerOnly);
        var aside = RecordFile + ".new";
        File.WriteAllText(aside, JsonSerializer.Serialize(record, RuntimeJson.Default.RuntimeRecord));
        File.Move(aside, RecordFile, overwrite: true);
        Directory.CreateDirectory(Bundle);
        Directory.CreateDirectory(RootFileSystem);
        Directory.CreateDirectory(Sockets);
    }

    /// <summary>Reads the note; <see langword="null"/> where the process was killed before it was written: then nothing else was made.</summary>
    internal RuntimeRecord? ReadRecord()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(RecordFile), RuntimeJson.Default.RuntimeRecord);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Reads the beginning of what the guest said, for an error message.</summary>
    internal string ReadLastWords()
    {
        const int most = 2000;
        if (!File.Exists(LastWordsFile))
            return "it said nothing";
        using var reader = new StreamReader(LastWordsFile);
        var buffer = new char[most];
        return new string(buffer, 0, reader.ReadBlock(buffer)).Trim() is { Length: > 0 } words ? words : "it said nothing";
    }

    /// <summary>Removes the folder, unless something is still mounted below it: deleting would then reach into the sandbox's files.</summary>
    internal void Remove()
    {
        if (Host.MountTable.Read().FirstOrDefault(m => m.Target.StartsWith(Path + "/", StringComparison.Ordinal)) is { } mount)
            throw new SandboxException($"{Path} is not removed: {mount.Target} is still mounted.");
        while (Directory.Exists(Path))
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // Something below it went meanwhile: the start that was cut short clears up after itself too.
            }
        }
    }
}

/// <summary>What is noted on the host about a sandbox while there is any trace of it.</summary>
/// <param name="Folder">The folder of its volume; none where it is a sandbox of the warm pool.</param>
/// <param name="Pooled">The sandbox of the warm pool that it runs in, if any.</param>
internal sealed record RuntimeRecord(string? Folder, string? Pooled);

[JsonSerializable(typeof(RuntimeRecord))]
internal sealed partial class RuntimeJson : JsonSerializerContext;
