using OnCell.Guest.Control;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;
using OnCell.Guest.Threading;

namespace OnCell.Guest.Files;

/// <summary>Answers the calls about files. It opens them inside the cell, so no path and no link leads out of it.</summary>
internal sealed class FileService(string workFolder)
{
    private const int ListPieceBytes = 128 * 1024;

    private int _temporaryNumber;

    public void Read(Call call)
    {
        var reader = new WireReader(call.Request);
        var path = Resolve(reader.String());
        var maxBytes = reader.Int64();
        using var file = FileSystem.Open(path, Linux.OpenRead | Linux.OpenNonBlocking);
        if (FileSystem.IsFolder(path))
            throw new InvalidRequestException($"{path} is a folder");
        var buffer = Buffers.Rent();
        try
        {
            var total = 0L;
            while (file.Read(buffer) is > 0 and var count)
            {
                total += count;
                if (total > maxBytes)
                    throw new InvalidRequestException($"{path} is larger than {maxBytes} bytes", ErrorCode.TooLarge);
                if (!call.SendData(OutputStream.Stdout, buffer.AsSpan(0, count)))
                    return;
            }
        }
        finally
        {
            Buffers.Return(buffer);
        }
        call.Complete([]);
    }

    /// <summary>Writes aside, syncs, renames: a reader sees the old file or the new one.</summary>
    public void Write(Call call)
    {
        var reader = new WireReader(call.Request);
        var path = Resolve(reader.String());
        var mode = (uint)reader.Int32() & 0xFFF;
        var folder = Path.GetDirectoryName(path) ?? throw new InvalidRequestException($"{path} is not a file");
        FileSystem.MakeFolders(folder);
        var temporary = Path.Combine(folder, $".oncell-{Interlocked.Increment(ref _temporaryNumber)}.tmp");
        try
        {
            using (var file = FileSystem.Open(
                temporary, Linux.OpenWrite | Linux.OpenCreate | Linux.OpenTruncate | Linux.OpenNoFollow, mode))
            {
                if (Libc.fchmod(file.Number, mode) != 0)
                    throw ErrnoException.Last(path);
                while (call.ReadData() is { } data)
                {
                    using (data)
                        file.Write(data.Span);
                }
                file.Sync();
            }
            FileSystem.Rename(temporary, path);
            FileSystem.SyncFolder(folder);
        }
        catch
        {
            FileTree.Remove(temporary);
            throw;
        }
        call.Complete([]);
    }

    public void List(Call call)
    {
        var path = Resolve(new WireReader(call.Request).String());
        var writer = new WireWriter(ListPieceBytes);
        foreach (var name in FileTree.Names(path))
        {
            if (FileSystem.Stat(Path.Combine(path, name)) is not { } found)
                continue; // Gone since it was listed.
            Describe(name, found).Write(writer);
            if (writer.Length < ListPieceBytes / 2)
                continue;
            if (!call.SendData(OutputStream.Stdout, writer.Written))
                return;
            writer.Clear();
        }
        if (writer.Length > 0)
            call.SendData(OutputStream.Stdout, writer.Written);
        call.Complete([]);
    }

    public void Stat(Call call)
    {
        var path = Resolve(new WireReader(call.Request).String());
        var writer = new WireWriter();
        if (FileSystem.Stat(path) is { } found)
            Describe(path, found).Write(writer);
        call.Complete(writer.Written);
    }

    public void Export(Call call)
    {
        var reader = new WireReader(call.Request);
        var path = Resolve(reader.String());
        new TreeExport(call, reader.Int64(), reader.Int32()).Send(path);
    }

    public void Import(Call call)
    {
        using var import = new TreeImport(call);
        import.Receive(Resolve(new WireReader(call.Request).String()));
    }

    public void Move(Call call)
    {
        var reader = new WireReader(call.Request);
        FileSystem.Rename(Resolve(reader.String()), Resolve(reader.String()));
        call.Complete([]);
    }

    public void Remove(Call call)
    {
        FileTree.Remove(Resolve(new WireReader(call.Request).String()));
        call.Complete([]);
    }

    private string Resolve(string path)
    {
        if (path.Contains('\0'))
            throw new InvalidRequestException("a path contains a zero byte");
        return path.Length == 0 ? workFolder : Path.Combine(workFolder, path);
    }

    private static FileEntry Describe(string name, Statx found) => new(
        name,
        (found.Mode & Linux.ModeFormat) switch
        {
            Linux.ModeFile => EntryKind.File,
            Linux.ModeFolder => EntryKind.Folder,
            Linux.ModeLink => EntryKind.Link,
            _ => EntryKind.Other,
        },
        (long)found.Size,
        found.Modified.UnixMilliseconds,
        found.Mode & 0xFFF);
}
