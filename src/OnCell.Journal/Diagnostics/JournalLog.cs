using Microsoft.Extensions.Logging;

namespace OnCell.Journaling.Diagnostics;

/// <summary>The log messages of the journal, event ids 3000 to 3999. No inputs, results or arguments.</summary>
internal static partial class JournalLog
{
    [LoggerMessage(3000, LogLevel.Information, "Journal {Path} opened: schema {Schema}, {Open} open runs")]
    public static partial void Opened(ILogger logger, string path, int schema, long open);

    [LoggerMessage(3001, LogLevel.Critical, "Journal {Path} takes no more writes: one failed")]
    public static partial void Poisoned(ILogger logger, string path, Exception error);

    [LoggerMessage(3002, LogLevel.Information, "Run {RunId} claimed with epoch {Epoch}, {Steps} steps in its history")]
    public static partial void Resumed(ILogger logger, string runId, long epoch, int steps);

    [LoggerMessage(3003, LogLevel.Error, "Run {RunId} diverged at step {Position}")]
    public static partial void Diverged(ILogger logger, string runId, string position);

    [LoggerMessage(3004, LogLevel.Warning, "Run {RunId} step {Position} ({Kind} {Name}) needs a decision: it was begun and not ended")]
    public static partial void Parked(ILogger logger, string runId, string position, string kind, string name);

    [LoggerMessage(3005, LogLevel.Information, "Run {RunId} step {Position} attempt {Attempt} failed, the next is in {Delay}")]
    public static partial void Retrying(ILogger logger, string runId, string position, int attempt, TimeSpan delay);

    [LoggerMessage(3006, LogLevel.Warning, "Run {RunId} step {Position} attempt {Attempt} was interrupted")]
    public static partial void Interrupted(ILogger logger, string runId, string position, int attempt);

    [LoggerMessage(3007, LogLevel.Warning, "Journal {Path} could not be rewritten to give space back piece by piece; the next opening tries again")]
    public static partial void NotCompactable(ILogger logger, string path, Exception error);
}
