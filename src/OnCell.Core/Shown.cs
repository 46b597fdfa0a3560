namespace OnCell;

/// <summary>What a caller wrote, fit to be repeated in a message: a name of a thousand characters says no more than its beginning.</summary>
internal static class Shown
{
    private const int MaxLength = 80;

    /// <summary>The message of a refused argument, without the parameter's name that the run-time adds.</summary>
    public static string Plainly(ArgumentException error) => error.Message.Replace($" (Parameter '{error.ParamName}')", "", StringComparison.Ordinal);

    public static string Short(string? text) => text is null || text.Length <= MaxLength ? text ?? "" : text[..(MaxLength - 1)] + "…";
}
