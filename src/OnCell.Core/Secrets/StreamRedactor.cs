namespace OnCell.Secrets;

/// <summary>Removes secrets from text that comes in pieces: an end that may be the beginning of a value waits for the next piece.</summary>
internal sealed class StreamRedactor(Redactor redactor)
{
    private string _held = "";

    /// <summary>Takes a piece and gives what can be shown by now; possibly nothing.</summary>
    public string Add(string piece)
    {
        if (redactor.IsEmpty) return piece;
        var text = redactor.Redact(_held + piece);
        var open = redactor.LongestOpenEnd(text);
        _held = text[^open..];
        return text[..^open];
    }

    /// <summary>Gives what was held back, when nothing more comes.</summary>
    public string End()
    {
        var held = redactor.Redact(_held);
        _held = "";
        return held;
    }
}
