using System.Text;

namespace OnCell.LLamaSharp.Answers;

/// <summary>Ends a text before the first of some stop texts, however its pieces are cut.</summary>
internal sealed class StopText(IEnumerable<string> stops)
{
    private readonly string[] _stops = [.. stops.Where(s => s.Length > 0)];
    private readonly StringBuilder _held = new();

    /// <summary>Gets whether a stop text came. What follows it is dropped.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Adds a piece.</summary>
    /// <returns>What may be shown: all but an end that may yet become a stop text.</returns>
    public string Add(string piece)
    {
        if (Stopped) return "";
        if (_stops.Length == 0) return piece;
        var text = _held.Append(piece).ToString();
        _held.Clear();
        var at = _stops.Select(s => text.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        if (at >= 0)
        {
            Stopped = true;
            return text[..at];
        }

        var held = _stops.Max(s => Overlap(text, s));
        _held.Append(text, text.Length - held, held);
        return text[..^held];
    }

    /// <summary>Ends the text.</summary>
    /// <returns>What was held back.</returns>
    public string End()
    {
        var rest = _held.ToString();
        _held.Clear();
        return rest;
    }

    /// <summary>How many characters at the end of a text begin a stop text.</summary>
    private static int Overlap(string text, string stop)
    {
        for (var length = Math.Min(text.Length, stop.Length - 1); length > 0; length--)
        {
            if (text.EndsWith(stop[..length], StringComparison.Ordinal)) return length;
        }

        return 0;
    }
}
