using System.Text;
using System.Text.Json.Nodes;
using OnCell.Runs;
using OnCell.Secrets;

namespace OnCell.Models.Calls;

/// <summary>The text of an answer that is being given, as events of the run: <c>llm.text</c> with position, offset and text.</summary>
/// <remarks>
/// A listener that comes later, or comes again after its connection broke, hears the text so far first, at offset 0. So a
/// listener that puts each piece at its offset always has the whole text.
/// </remarks>
internal sealed class AnswerText : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();
    private readonly RunSession _session;
    private readonly string _position;
    private readonly IDisposable _shown;
    private StreamRedactor _redactor;

    public AnswerText(RunSession session, string position)
    {
        _session = session;
        _position = position;
        _redactor = new StreamRedactor(session.Redactor);
        _shown = session.Cell.Events.Show(session.Run.Id, Catch);
    }

    /// <summary>Adds a piece; <see langword="null"/> begins the answer anew.</summary>
    public void Add(string? piece)
    {
        lock (_gate)
        {
            if (piece is not null)
            {
                Append(_redactor.Add(piece));
                return;
            }

            _redactor = new StreamRedactor(_session.Redactor);
            if (_text.Length == 0) return;
            _text.Clear();
            _session.Publish("llm.text", Data(0, ""));
        }
    }

    /// <summary>The answer is whole: what could have been the beginning of a secret is shown too.</summary>
    public void End()
    {
        lock (_gate) Append(_redactor.End());
    }

    public void Wait(TimeSpan wait) => _session.Publish(
        "llm.waiting", new JsonObject { ["position"] = _position, ["seconds"] = Math.Round(wait.TotalSeconds, 1) });

    public void Dispose() => _shown.Dispose();

    private void Catch(Action<RunEvent> listener)
    {
        lock (_gate)
        {
            if (_text.Length > 0) listener(new RunEvent(null, "llm.text", Data(0, _text.ToString())));
        }
    }

    private void Append(string piece)
    {
        if (piece.Length == 0) return;
        _text.Append(piece);
        _session.Publish("llm.text", Data(_text.Length - piece.Length, piece));
    }

    private JsonObject Data(int offset, string text) =>
        new() { ["position"] = _position, ["offset"] = offset, ["text"] = text };
}
