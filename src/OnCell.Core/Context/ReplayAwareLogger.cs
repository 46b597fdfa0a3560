using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using OnCell.Runs;

namespace OnCell;

/// <summary>Says nothing while a run repeats what it did, and logged, before a crash; and never a secret.</summary>
internal sealed class ReplayAwareLogger(ILogger inner, RunSession session) : ILogger
{
    private const int MaxFeedText = 4000;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => !session.Scope.Replaying && (logLevel >= LogLevel.Information || inner.IsEnabled(logLevel));

    private static string Cut(string text) => text.Length <= MaxFeedText ? text : text[..MaxFeedText] + "…";

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var text = formatter(state, exception) + exception;
        session.Cell.Feed.Add("log", new JsonObject
        {
            ["runId"] = session.Run.Id,
            ["level"] = logLevel.ToString(),
            ["text"] = Cut(session.Redactor.Redact(text)),
        });
        if (!inner.IsEnabled(logLevel)) return;
        var clean = session.Redactor.Redact(text);
        if (ReferenceEquals(clean, text)) inner.Log(logLevel, eventId, state, exception, formatter);
        else inner.Log(logLevel, eventId, clean, null, (message, _) => message);
    }
}
