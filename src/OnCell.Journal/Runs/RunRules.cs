using System.Text.Json;

namespace OnCell.Journaling.Runs;

/// <summary>What is asked of a run's start.</summary>
internal static class RunRules
{
    public const int MaxNameCharacters = 1_024;

    private const int MaxIdCharacters = 200;
    private const int MaxJsonCharacters = 16 * 1024 * 1024;

    public static void Check(RunStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        CheckId(start.Id);
        if (start.Method is not { Length: > 0 })
            throw new ArgumentException($"run {start.Id} has no method.", nameof(start));
        CheckJson(start.InputJson, $"run {start.Id}: the input");
        ArgumentNullException.ThrowIfNull(start.CodeVersion, nameof(start));
    }

    public static void CheckId(string? id)
    {
        if (id is not { Length: > 0 and <= MaxIdCharacters })
            throw new ArgumentException($"a run's id has 1 to {MaxIdCharacters} characters, not {id?.Length ?? 0:N0}.", nameof(id));
    }

    public static void CheckSignal(string runId, string name, string payloadJson, string? signalId)
    {
        if (name is not { Length: > 0 and <= MaxNameCharacters })
            throw new ArgumentException($"run {runId}: a signal's name has 1 to {MaxNameCharacters:N0} characters, not {name?.Length ?? 0:N0}.", nameof(name));
        if (signalId is { Length: 0 or > MaxIdCharacters })
            throw new ArgumentException($"run {runId}: a signal's id has 1 to {MaxIdCharacters} characters, not {signalId.Length:N0}.", nameof(signalId));
        CheckJson(payloadJson, $"run {runId}: the payload of signal {name}");
    }

    public static void CheckJson(string? json, string what)
    {
        if (json is null || json.Length > MaxJsonCharacters)
            throw new ArgumentException($"{what} has at most {MaxJsonCharacters:N0} characters, not {json?.Length ?? 0:N0}.", nameof(json));
        try
        {
            using var document = JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"{what} is not JSON: {error.Message}", nameof(json), error);
        }
    }
}
