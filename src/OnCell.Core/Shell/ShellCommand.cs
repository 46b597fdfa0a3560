using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace OnCell;

/// <summary>A shell command line in which every hole is quoted: <c>$"git commit -m {message}"</c>.</summary>
/// <remarks>
/// A value can never become a command: it is one word of the command line, whatever it holds. A sequence of strings
/// becomes one word each. A hole where quoting cannot protect (inside quotes, backticks, <c>${…}</c>, a here-document or a
/// comment) is refused when the line is built. A value that starts with <c>-</c> is still an option to the program it is
/// given to: write <c>--</c> before it where the program understands that.
/// </remarks>
[InterpolatedStringHandler]
public ref struct ShellCommand
{
    private readonly StringBuilder _line;
    private ShellLineState _state;

    /// <summary>Initializes the handler; called by the compiler.</summary>
    public ShellCommand(int literalLength, int formattedCount)
    {
        _line = new StringBuilder(literalLength + (formattedCount * 16));
    }

    /// <summary>Appends text of the program; called by the compiler.</summary>
    public void AppendLiteral(string literal)
    {
        _line.Append(literal);
        _state.Read(literal);
    }

    /// <summary>Appends one quoted word; called by the compiler.</summary>
    /// <exception cref="ArgumentException">The hole stands where quoting cannot protect, or the value holds a NUL.</exception>
    public void AppendFormatted(string? value) => AppendWord(value ?? "");

    /// <summary>Appends one quoted word for each value; called by the compiler.</summary>
    /// <exception cref="ArgumentException">The hole stands where quoting cannot protect, or a value holds a NUL.</exception>
    public void AppendFormatted(IEnumerable<string> values)
    {
        var first = true;
        foreach (var value in values)
        {
            if (!first) _line.Append(' ');
            AppendWord(value);
            first = false;
        }
    }

    /// <summary>Appends one quoted word, or one for each of a sequence of strings; called by the compiler.</summary>
    /// <exception cref="ArgumentException">The hole stands where quoting cannot protect, or the value holds a NUL.</exception>
    public void AppendFormatted<T>(T value, string? format = null)
    {
        switch (value)
        {
            case IEnumerable<string> values:
                AppendFormatted(values);
                break;
            case IFormattable formattable:
                AppendWord(formattable.ToString(format, CultureInfo.InvariantCulture));
                break;
            default:
                AppendWord(value?.ToString() ?? "");
                break;
        }
    }

    /// <summary>Gets the finished line.</summary>
    public override readonly string ToString() => _line.ToString();

    private void AppendWord(string value)
    {
        if (_state.Unsafe is { } place)
            throw new ArgumentException(
                $"A value stands {place} in the command line \"{_line}…\". OnCell quotes every value by itself: " +
                "take it out of there, or pass it through ShellOptions.Environment and write \"$NAME\".");
        _line.Append(ShellQuote.Quote(value));
        _state.ReadWord();
    }
}
