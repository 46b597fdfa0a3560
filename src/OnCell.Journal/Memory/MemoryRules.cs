using OnCell.Journaling.Runs;

namespace OnCell.Journaling;

/// <summary>What is asked of a write to the journal's memory.</summary>
internal static class MemoryRules
{
    public const int MaxKeyCharacters = 1_000;

    public static void Check(string key, string? valueJson)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key.Length > MaxKeyCharacters)
            throw new ArgumentException($"a memory key has at most {MaxKeyCharacters:N0} characters, not {key.Length:N0}.", nameof(key));
        if (valueJson is not null)
            RunRules.CheckJson(valueJson, $"the memory value of '{key}'");
    }
}
