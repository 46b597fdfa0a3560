namespace OnCell.Sandboxes;

/// <summary>What an entry of a folder is.</summary>
public enum SandboxFileKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>Anything else: a socket, FIFO or device.</summary>
    Other,
}

/// <summary>One entry of a folder in a sandbox.</summary>
/// <param name="Name">The entry's name, or the whole path in the answer to a stat.</param>
/// <param name="Kind">What it is; links are not followed.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Modified">When it was last changed.</param>
/// <param name="Mode">Its permission bits.</param>
public sealed record SandboxFile(string Name, SandboxFileKind Kind, long Length, DateTimeOffset Modified, int Mode);

/// <summary>The files of a sandbox. The guest opens them inside, so neither <c>..</c> nor a link leads out of the sandbox.</summary>
/// <remarks>Paths are absolute, or relative to <c>/work</c>. A missing file is a <see cref="FileNotFoundException"/>.</remarks>
public abstract class SandboxFiles
{
    /// <summary>Reads a file, at most <paramref name="maxBytes"/> of it.</summary>
    /// <exception cref="SandboxException">The file is larger than <paramref name="maxBytes"/>.</exception>
    public abstract Task<byte[]> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken);

    /// <summary>Replaces or creates a file, and missing folders above it: written aside, synced, renamed.</summary>
    public abstract Task WriteAsync(string path, ReadOnlyMemory<byte> content, int mode, CancellationToken cancellationToken);

    /// <summary>Replaces or creates a file by all of a stream: written aside, synced, renamed. Cut off, nothing of it is left.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it gets; read to its end.</param>
    /// <param name="maxBytes">How much it may be.</param>
    /// <param name="mode">Its permissions.</param>
    /// <param name="cancellationToken">Cuts it off.</param>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="SandboxException">The stream has more than <paramref name="maxBytes"/>, or the disk is full.</exception>
    public abstract Task<long> WriteAsync(string path, Stream content, long maxBytes, int mode, CancellationToken cancellationToken);

    /// <summary>Lists a folder.</summary>
    public abstract Task<IReadOnlyList<SandboxFile>> ListAsync(string path, CancellationToken cancellationToken);

    /// <summary>Describes one entry; <see langword="null"/> where there is none.</summary>
    public abstract Task<SandboxFile?> StatAsync(string path, CancellationToken cancellationToken);

    /// <summary>Moves an entry, replacing a file at the target.</summary>
    public abstract Task MoveAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Removes a file, or a folder with all in it. Nothing there is not an error.</summary>
    public abstract Task RemoveAsync(string path, CancellationToken cancellationToken);

    /// <summary>Writes a folder with all in it as a tar archive: files, folders and symbolic links, with permissions and times.</summary>
    /// <param name="path">The folder. A link within it is written as a link, never followed; sockets, FIFOs, devices and names that are not UTF-8 are left out.</param>
    /// <param name="archive">Receives the archive, uncompressed; is left open.</param>
    /// <param name="limits">How much it may be; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends the writing in the middle of the archive.</param>
    /// <remarks>Files that are written to meanwhile are as they are found; a file that shrinks is filled up with zeros.</remarks>
    /// <exception cref="SandboxException">It is more than <paramref name="limits"/> say, or no folder. What was written by then is no whole archive.</exception>
    /// <exception cref="NotSupportedException">These files know no archives.</exception>
    public virtual Task ExportAsync(string path, Stream archive, SandboxTreeLimits? limits, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} has no archives.");

    /// <summary>Unpacks a tar archive into a folder, which is made where it is missing; on the disk when this ends.</summary>
    /// <param name="path">The folder. What is in it stays, but files and links of the same names give way.</param>
    /// <param name="archive">The archive, uncompressed. It may come from a stranger.</param>
    /// <param name="limits">How much it may be; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends the unpacking; what came by then stays.</param>
    /// <remarks>Owners and set-user bits are left behind.</remarks>
    /// <exception cref="SandboxException">
    /// The archive is damaged, more than <paramref name="limits"/> say, or hostile: a path that leads out of the folder or below a link,
    /// a device. What came before that entry stays.
    /// </exception>
    /// <exception cref="NotSupportedException">These files know no archives.</exception>
    public virtual Task ImportAsync(string path, Stream archive, SandboxTreeLimits? limits, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} has no archives.");

    /// <summary>Watches a folder and all below it, until the enumeration is ended.</summary>
    /// <remarks>
    /// The first change is <see cref="SandboxFileChangeKind.Watching"/>: what happens from then on is told. At most
    /// 8192 folders. Changes made by the host, outside the sandbox, are not seen.
    /// </remarks>
    public abstract IAsyncEnumerable<SandboxFileChange> WatchAsync(string path, CancellationToken cancellationToken);
}
