namespace OnCell.Secrets;

/// <summary>What can be a secret.</summary>
internal static class SecretRules
{
    public const int MaxSecrets = 200;

    private const int MaxNameLength = 128;

    /// <summary>A shorter value would be found in innocent text, and be guessed.</summary>
    private const int MinValueLength = 8;

    private const int MaxValueLength = 32_768;

    /// <summary>Names that would change how every program of the step runs.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "PATH", "HOME", "SHELL", "USER", "IFS", "ENV", "BASH_ENV", "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    };

    /// <exception cref="OnCellException">The name cannot be.</exception>
    public static void CheckName(string name)
    {
        if (name.Length is 0 or > MaxNameLength || char.IsAsciiDigit(name[0]) || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_'))
            throw Invalid("name", $"A secret's name has 1 to {MaxNameLength} of letters, digits and '_', and does not start with a digit.");
        if (Reserved.Contains(name))
            throw Invalid("name", $"\"{name}\" cannot be the name of a secret: it says how programs run.");
    }

    /// <exception cref="OnCellException">The value cannot be. The message does not hold it.</exception>
    public static void CheckValue(string value)
    {
        if (value.Length is < MinValueLength or > MaxValueLength || value.Contains('\0'))
            throw Invalid("value", $"A secret's value has {MinValueLength} to {MaxValueLength:N0} characters, and no zero byte.");
        if (value.All(c => c == value[0]))
            throw Invalid("value", "A secret's value is more than one character repeated: it would be found in innocent text.");
    }

    private static OnCellException Invalid(string field, string message) => new(OnCellError.Invalid, message) { Field = field };
}
