using OnCell.Guest.Files;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Exec;

/// <summary>The records of keyed commands: a folder for each key, and a log of begins and ends.</summary>
/// <remarks>
/// <c>begin</c> is on disk before the command is started and <c>end</c> before its end is reported. A record with
/// the first and without the second, whose command this process does not run, was interrupted, for ever. Each is one
/// write and one fsync, with no rename: a torn one was never acted upon, and its missing seal says so. The fsync of a
/// new file commits the folder entries that lead to it, in one journal with them on ext4, which volumes have, and xfs.
/// </remarks>
internal sealed class ExecRecords
{
    private const byte Format = 1;
    private const byte Seal = 0xE5;
    private const int MaxRecordBytes = 16 * 1024;

    private readonly string _root;
    private readonly ExecLog _log;
    private readonly DiskReserve _reserve;
    private readonly KeptOutput _kept;

    public ExecRecords(string stateFolder, long? keptOutputBytes = null)
    {
        _reserve = new DiskReserve(Path.Combine(stateFolder, "reserve"));
        _root = Path.Combine(stateFolder, "exec");
        FileSystem.MakeFolders(_root);
        _log = new ExecLog(Path.Combine(stateFolder, "exec.log"));
        _kept = new KeptOutput(_root, keptOutputBytes);
    }

    public OutputLog CreateOutput(string key, OutputStream stream, int capacity) =>
        OutputLog.Create(OutputPath(key, stream), capacity);

    public OutputLog OpenOutput(string key, OutputStream stream, ExecRecord record) => record.End is { } end
        ? OutputLog.OpenFinished(
            OutputPath(key, stream), record.Capacity, stream == OutputStream.Stdout ? end.StdoutTotal : end.StderrTotal)
        : OutputLog.OpenInterrupted(OutputPath(key, stream), record.Capacity);

    /// <summary>Notes durably that the command is about to be started.</summary>
    public void Begin(ExecRequest request)
    {
        var folder = FolderOf(request.Key);
        var writer = new WireWriter();
        writer.Byte(Format);
        writer.Bytes(request.Fingerprint);
        writer.Int32(request.MaxOutputBytes);
        _reserve.Ensure();
        _reserve.Use(() =>
        {
            FileSystem.MakeFolders(folder);
            WriteSealed(Path.Combine(folder, "begin"), writer);
        });
        _log.Append($"begin {request.Key} {request.Arguments.Count} arguments");
    }

    /// <summary>Notes durably how the command ended.</summary>
    public void End(string key, ExecEnd end)
    {
        var writer = new WireWriter();
        writer.Byte(Format);
        end.Exit.Write(writer);
        writer.Int64(end.StdoutTotal);
        writer.Int64(end.StderrTotal);
        _reserve.Use(() => WriteSealed(Path.Combine(FolderOf(key), "end"), writer));
        _kept.Ended(ExecKey.ToFileName(key), end.StdoutTotal + end.StderrTotal > 0);
        _log.Append($"end {key} {end.Exit.Code}");
    }

    public ExecRecord? Find(string key)
    {
        var folder = FolderOf(key);
        if (ReadSealed(Path.Combine(folder, "begin")) is not { } begin)
            return null;
        var reader = new WireReader(begin);
        CheckFormat(ref reader, folder);
        var fingerprint = reader.Bytes().ToArray();
        var capacity = reader.Int32();
        return new ExecRecord(fingerprint, capacity, ReadEnd(folder));
    }

    public IEnumerable<string> Keys() => FileTree.Names(_root).Select(ExecKey.FromFileName);

    public void Remove(string key)
    {
        var folder = FolderOf(key);
        // "begin" goes first: without it the rest means nothing, and the key is unknown again.
        foreach (var name in (ReadOnlySpan<string>)["begin", "end", "stdout", "stderr"])
            FileSystem.RemoveFileIfAny(Path.Combine(folder, name));
        FileSystem.RemoveFolder(folder);
        _kept.Removed(ExecKey.ToFileName(key));
    }

    private static ExecEnd? ReadEnd(string folder)
    {
        if (ReadSealed(Path.Combine(folder, "end")) is not { } bytes)
            return null;
        var reader = new WireReader(bytes);
        CheckFormat(ref reader, folder);
        return new ExecEnd(ExecExit.ReadFrom(ref reader), reader.Int64(), reader.Int64());
    }

    private static void WriteSealed(string path, WireWriter record)
    {
        using var file = FileSystem.Open(path, Linux.OpenWrite | Linux.OpenCreate | Linux.OpenTruncate, 0x180);
        file.Write([.. record.Written, Seal]);
        file.Sync();
    }

    /// <summary>Reads a record; <see langword="null"/> where there is none, or a torn one.</summary>
    private static byte[]? ReadSealed(string path) =>
        FileSystem.ReadSmall(path, MaxRecordBytes) is [.. var record, Seal] ? record : null;

    private static void CheckFormat(ref WireReader reader, string folder)
    {
        var format = reader.Byte();
        if (format != Format)
            throw new InvalidDataException($"{folder} has format {format}; this guest knows {Format}");
    }

    private string OutputPath(string key, OutputStream stream) =>
        Path.Combine(FolderOf(key), stream == OutputStream.Stdout ? "stdout" : "stderr");

    private string FolderOf(string key) => Path.Combine(_root, ExecKey.ToFileName(key));
}
