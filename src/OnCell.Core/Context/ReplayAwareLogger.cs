using Microsoft.Extensions.Logging;
using OnCell.Runs;

namespace OnCell;

/// <summary>Says nothing while a run repeats what it did, and logged, before a crash; and never a secret.</summary>
internal sealed class ReplayAwareLogger(ILogger inner, RunSession session) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => !session.Scope.Replaying && inner.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var text = formatter(state, exception) + exception;
        var clean = session.Redactor.Redact(text);
        if (ReferenceEquals(clean, text)) inner.Log(logLevel, eventId, state, exception, formatter);
        else inner.Log(logLevel, eventId, clean, null, (message, _) => message);
    }
}
