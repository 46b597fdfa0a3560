using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace CodingSample.Models;

/// <summary>Whether a call was answered by the model or from the ledger.</summary>
public enum CallOutcome
{
    /// <summary>The model answered; it counts.</summary>
    Paid,

    /// <summary>The same call had been answered before; the kept answer was given again.</summary>
    Deduplicated,
}

/// <summary>One call of a model.</summary>
/// <param name="Time">When.</param>
/// <param name="Key">The key of the step that made it.</param>
/// <param name="Request">The SHA-256 of the request.</param>
/// <param name="Outcome">Paid or deduplicated.</param>
/// <param name="Answer">The answer, where it was paid for.</param>
public sealed record CallRecord(DateTimeOffset Time, string Key, string Request, CallOutcome Outcome, string? Answer);

/// <summary>An append-only file of model calls, one JSON object a line, each on disk before its answer is given out.</summary>
public sealed class CallLedger : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly ConcurrentDictionary<string, CallRecord> _paid = new(StringComparer.Ordinal);

    /// <summary>Opens or makes the ledger. A last line that a crash cut off is dropped: its answer was never given out.</summary>
    public CallLedger(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        _file.SetLength(WholeLines(path).Length);
        _file.Seek(0, SeekOrigin.End);
        foreach (var record in Read(path).Where(record => record.Outcome == CallOutcome.Paid))
            _paid[record.Key] = record;
    }

    /// <summary>Reads a ledger without its last line where that was cut off.</summary>
    public static IReadOnlyList<CallRecord> Read(string path) =>
        [.. Encoding.UTF8.GetString(WholeLines(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<CallRecord>(line, JsonSerializerOptions.Web)!)];

    /// <summary>Finds the call that was paid for under a key.</summary>
    public CallRecord? Find(string key) => _paid.GetValueOrDefault(key);

    /// <summary>Writes a call down and forces it to disk.</summary>
    public void Append(CallRecord record)
    {
        var line = JsonSerializer.Serialize(record, JsonSerializerOptions.Web) + "\n";
        lock (_lock)
        {
            _file.Write(Encoding.UTF8.GetBytes(line));
            _file.Flush(flushToDisk: true);
        }

        if (record.Outcome == CallOutcome.Paid)
            _paid[record.Key] = record;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static ReadOnlySpan<byte> WholeLines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes.AsSpan(0, bytes.AsSpan().LastIndexOf((byte)'\n') + 1);
    }
}
