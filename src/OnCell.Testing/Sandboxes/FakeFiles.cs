using System.Runtime.CompilerServices;
using OnCell.Sandboxes;

namespace OnCell.Testing.Sandboxes;

/// <summary>The files of a fake sandbox: <c>/work</c> is one temporary folder, everything else another.</summary>
internal sealed class FakeFiles(TestWorld world) : SandboxFiles
{
    public override async Task<byte[]> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        var file = new FileInfo(Map(path));
        if (!file.Exists) throw new FileNotFoundException($"There is no file \"{path}\" in the cell.", path);
        return file.Length <= maxBytes
            ? await File.ReadAllBytesAsync(file.FullName, cancellationToken).ConfigureAwait(false)
            : throw new SandboxException($"\"{path}\" has {file.Length} bytes; at most {maxBytes} are read.");
    }

    public override Task WriteAsync(string path, ReadOnlyMemory<byte> content, int mode, CancellationToken cancellationToken)
    {
        world.Crashes.ThrowIfDead();
        var target = Map(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllBytes(target + ".new", content.Span);
        File.SetUnixFileMode(target + ".new", (UnixFileMode)mode);
        File.Move(target + ".new", target, overwrite: true);
        return Task.CompletedTask;
    }

    public override async Task<long> WriteAsync(string path, Stream content, long maxBytes, int mode, CancellationToken cancellationToken)
    {
        using var memory = new MemoryStream();
        await content.CopyToAsync(memory, cancellationToken).ConfigureAwait(false);
        if (memory.Length > maxBytes) throw new SandboxException($"What was to be written to \"{path}\" is larger than {maxBytes} bytes.");
        await WriteAsync(path, memory.ToArray(), mode, cancellationToken).ConfigureAwait(false);
        return memory.Length;
    }

    public override Task<IReadOnlyList<SandboxFile>> ListAsync(string path, CancellationToken cancellationToken)
    {
        var folder = new DirectoryInfo(Map(path));
        if (!folder.Exists) throw new FileNotFoundException($"There is no folder \"{path}\" in the cell.", path);
        return Task.FromResult<IReadOnlyList<SandboxFile>>(
            [.. folder.EnumerateFileSystemInfos().OrderBy(e => e.Name, StringComparer.Ordinal).Select(e => Describe(e, e.Name))]);
    }

    public override Task<SandboxFile?> StatAsync(string path, CancellationToken cancellationToken)
    {
        var target = Map(path);
        FileSystemInfo entry = Directory.Exists(target) ? new DirectoryInfo(target) : new FileInfo(target);
        return Task.FromResult(entry.Exists ? Describe(entry, path) : null);
    }

    public override Task MoveAsync(string from, string to, CancellationToken cancellationToken)
    {
        world.Crashes.ThrowIfDead();
        var (source, target) = (Map(from), Map(to));
        if (Directory.Exists(source)) Directory.Move(source, target);
        else if (File.Exists(source)) File.Move(source, target, overwrite: true);
        else throw new FileNotFoundException($"There is no \"{from}\" in the cell.", from);
        return Task.CompletedTask;
    }

    public override Task RemoveAsync(string path, CancellationToken cancellationToken)
    {
        world.Crashes.ThrowIfDead();
        var target = Map(path);
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        else File.Delete(target);
        return Task.CompletedTask;
    }

    public override async IAsyncEnumerable<SandboxFileChange> WatchAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new SandboxFileChange(SandboxFileChangeKind.Watching, "");
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As in a cell, a path that climbs stops at the root.</summary>
    private string Map(string path)
    {
        var inside = Path.GetFullPath(Path.Combine("/work", path));
        return inside == "/work" || inside.StartsWith("/work/", StringComparison.Ordinal)
            ? Path.Combine(world.WorkFolder, inside["/work".Length..].TrimStart('/'))
            : Path.Combine(world.RootFolder, inside.TrimStart('/'));
    }

    private static SandboxFile Describe(FileSystemInfo entry, string name) => new(
        name,
        entry.LinkTarget is not null ? SandboxFileKind.Link : entry is DirectoryInfo ? SandboxFileKind.Folder : SandboxFileKind.File,
        entry is FileInfo file ? file.Length : 0,
        entry.LastWriteTimeUtc,
        (int)entry.UnixFileMode);
}
