namespace OnCell.Journaling;

/// <summary>What the journal keeps of an error.</summary>
/// <param name="Type">The kind of error, by default the full name of the exception's type.</param>
/// <param name="Message">What went wrong, without secrets.</param>
/// <param name="Detail">More for a person to read, such as a stack trace; may be <see langword="null"/>.</param>
public sealed record RunError(string Type, string Message, string? Detail = null)
{
    private const int MaxMessageCharacters = 16_384;

    /// <summary>Describes an exception by its type's full name and its message, of which at most 16,384 characters are kept.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <returns>The error to keep.</returns>
    public static RunError From(Exception exception)
    {
        var message = exception.Message;

        // The end as well as the beginning: an error that wraps another ends with what went wrong first.
        if (message.Length > MaxMessageCharacters)
            message = $"{message.AsSpan(0, MaxMessageCharacters / 2)}... ({message.Length:N0} characters) ...{message.AsSpan(message.Length - (MaxMessageCharacters / 2))}";
        return new RunError(exception.GetType().FullName ?? exception.GetType().Name, message);
    }
}
