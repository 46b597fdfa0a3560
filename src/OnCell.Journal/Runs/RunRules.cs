using System.Text.Json;

namespace OnCell.Journaling.Runs;

/// <summary>What is asked of a run's start.</summary>
internal static class RunRules
{
    private const int MaxIdCharacters = 200;
    private const int MaxInputCharacters = 16 * 1024 * 1024;

    public static void Check(RunStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        CheckId(start.Id);
        if (start.Method is not { Length: > 0 })
            throw new ArgumentException($"run {start.Id} has no method.", nameof(start));
        if (start.InputJson is null || start.InputJson.Length > MaxInputCharacters)
            throw new ArgumentException($"run {start.Id}: the input has at most {MaxInputCharacters:N0} characters.", nameof(start));
        CheckJson(start.InputJson, $"run {start.Id}: the input");
        ArgumentNullException.ThrowIfNull(start.CodeVersion, nameof(start));
    }

    public static void CheckId(string? id)
    {
        if (id is not { Length: > 0 and <= MaxIdCharacters })
            throw new ArgumentException($"a run's id has 1 to {MaxIdCharacters} characters, not {id?.Length ?? 0:N0}.", nameof(id));
    }

    public static void CheckJson(string json, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"{what} is not JSON: {error.Message}", error);
        }
    }
}
