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

    /// <summary>Opens or makes the ledger.</summary>
    public CallLedger(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        foreach (var record in File.Exists(path) ? Read(path) : [])
        {
            if (record.Outcome == CallOutcome.Paid)
                _paid[record.Key] = record;
        }

        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    /// <summary>Reads a ledger. A last line that a crash cut off is left out.</summary>
    public static IReadOnlyList<CallRecord> Read(string path)
    {
        var text = File.ReadAllText(path);
        return [.. text[..(text.LastIndexOf('\n') + 1)]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.EndsWith('}'))
            .Select(line => JsonSerializer.Deserialize<CallRecord>(line, JsonSerializerOptions.Web)!)];
    }

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
}
