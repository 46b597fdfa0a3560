namespace OnCell;

/// <summary>Follows the fixed text of a command line, to know whether a quoted word may stand at its end.</summary>
/// <remarks>
/// It need not parse the shell's language, only err on the safe side: where it is not sure, a word is refused. The rules
/// are those of the POSIX shell command language, sections 2.2 (quoting), 2.3 (comments) and 2.6 (expansions).
/// </remarks>
internal struct ShellLineState
{
    private enum Mode { Plain, SingleQuotes, DoubleQuotes, Comment }

    private Mode _mode;
    private bool _escaped;
    private bool _backticks;
    private bool _hereDocument;
    private int _braces;
    private int _arithmetic;
    private (char First, char Second) _last;

    /// <summary>Gets where a word must not stand, or <see langword="null"/> where it may.</summary>
    public readonly string? Unsafe =>
        _escaped ? "after a backslash"
        : _mode is Mode.SingleQuotes or Mode.DoubleQuotes ? "inside quotes"
        : _mode is Mode.Comment ? "inside a comment"
        : _backticks ? "inside backticks"
        : _braces > 0 ? "inside ${…}"
        : _arithmetic > 0 ? "inside $((…))"
        : _hereDocument ? "after a here-document"
        : _last.Second == '$' ? "right after a dollar sign"
        : null;

    /// <summary>Reads fixed text.</summary>
    public void Read(string text)
    {
        foreach (var c in text)
        {
            if (_escaped)
            {
                _escaped = false;
                Remember('w');
            }
            else
            {
                Read(c);
                Remember(c);
            }
        }
    }

    /// <summary>Takes note that a whole word was appended.</summary>
    public void ReadWord() => Remember('w');

    private readonly bool StartsWord =>
        _last.Second is '\0' or ' ' or '\t' or '\n' or ';' or '&' or '|' or '(' or ')';

    private void Remember(char c) => _last = (_last.Second, c);

    private void Read(char c)
    {
        switch (_mode)
        {
            case Mode.SingleQuotes:
                if (c == '\'') _mode = Mode.Plain;
                break;
            case Mode.Comment:
                if (c == '\n') _mode = Mode.Plain;
                break;
            case Mode.DoubleQuotes:
                if (c == '"') _mode = Mode.Plain;
                else ReadExpansion(c);
                break;
            default:
                if (c == '\'') _mode = Mode.SingleQuotes;
                else if (c == '"') _mode = Mode.DoubleQuotes;
                else if (c == '#' && StartsWord) _mode = Mode.Comment;
                else if (c == '<' && _last.Second == '<') _hereDocument = true;
                else ReadExpansion(c);
                break;
        }
    }

    private void ReadExpansion(char c)
    {
        switch (c)
        {
            case '\\':
                _escaped = true;
                break;
            case '`':
                _backticks = !_backticks;
                break;
            case '{' when _last.Second == '$':
                _braces++;
                break;
            case '}' when _braces > 0:
                _braces--;
                break;
            case '(' when _last is { First: '$', Second: '(' }:
                _arithmetic++;
                break;
            case ')' when _arithmetic > 0 && _last.Second == ')':
                _arithmetic--;
                break;
        }
    }
}
