using System.Buffers;

namespace OnCell;

/// <summary>Quotes words for a POSIX shell.</summary>
internal static class ShellQuote
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+,-");

    /// <summary>Returns the value as exactly one word of a command line.</summary>
    /// <exception cref="ArgumentException">The value holds a NUL, which no argument can.</exception>
    public static string Quote(string value)
    {
        if (value.Contains('\0'))
            throw new ArgumentException("A value for a shell command holds a NUL character, which no argument can carry.");
        return value.Length > 0 && !value.AsSpan().ContainsAnyExcept(Plain)
            ? value
            : "'" + value.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }
}
