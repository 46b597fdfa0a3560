namespace OnCell.Indexing.Chunking;

/// <summary>Where the lines of a text begin and end.</summary>
internal sealed class SourceLines
{
    private readonly string _text;
    private readonly List<int> _starts = [0];

    public SourceLines(string text)
    {
        _text = text;
        for (var at = text.IndexOf('\n'); at >= 0 && at + 1 < text.Length; at = text.IndexOf('\n', at + 1))
            _starts.Add(at + 1);
    }

    public string Text => _text;

    public int Count => _starts.Count;

    /// <summary>Returns where line <paramref name="line"/> begins; the line after the last begins at the end.</summary>
    public int StartOf(int line) => line < _starts.Count ? _starts[line] : _text.Length;

    /// <summary>Gets a line without its line end; empty beyond the last.</summary>
    public ReadOnlySpan<char> this[int line]
        => line < _starts.Count ? _text.AsSpan(_starts[line], StartOf(line + 1) - _starts[line]).TrimEnd("\r\n") : default;
}
