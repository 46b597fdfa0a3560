using System.Text.Json;

namespace OnCell.Journaling.Runs;

/// <summary>What is asked of a run's start.</summary>
internal static class RunRules
{
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
