using Microsoft.Extensions.Logging;

namespace OnCell.Cells;

/// <summary>The log lines of cells. Their event ids are never used again for anything else. Network decisions are the proxy's to log.</summary>
internal static partial class CellLog
{
    [LoggerMessage(1001, LogLevel.Information, "Cell {Customer} is ready after {Milliseconds} ms")]
    public static partial void Created(ILogger logger, string customer, double milliseconds);

    [LoggerMessage(1002, LogLevel.Warning, "Cell {Customer} could not be made")]
    public static partial void CreateFailed(ILogger logger, string customer, Exception error);

    [LoggerMessage(1003, LogLevel.Warning, "The first command in the fresh sandbox of {Customer} ended with {ExitCode}: {Error}")]
    public static partial void FirstCommandFailed(ILogger logger, string customer, int exitCode, string error);

    [LoggerMessage(1004, LogLevel.Information, "Cell {Customer}: {State} {Tier}")]
    public static partial void StateChanged(ILogger logger, string customer, CellState state, PauseTier? tier);

    [LoggerMessage(1005, LogLevel.Warning, "Cell {Customer} could not be {Doing}; it is tried again later")]
    public static partial void BackgroundFailed(ILogger logger, string customer, string doing, Exception error);

    [LoggerMessage(1006, LogLevel.Information, "Removing what is left of the sandbox {Sandbox}, which belongs to no customer")]
    public static partial void RemovingOrphan(ILogger logger, string sandbox);

    [LoggerMessage(1007, LogLevel.Information, "This process owns {DataRoot} (epoch {Epoch}): {Customers} customers, {Sandboxes} sandboxes found")]
    public static partial void Owner(ILogger logger, string dataRoot, long epoch, int customers, int sandboxes);

    [LoggerMessage(1008, LogLevel.Warning, "Another process owns {DataRoot}; this one stands by until it ends")]
    public static partial void StandingBy(ILogger logger, string dataRoot);

    [LoggerMessage(1009, LogLevel.Critical, "OnCell could not start")]
    public static partial void StartFailed(ILogger logger, Exception error);

    [LoggerMessage(1013, LogLevel.Error, "This host lacks {Requirement} ({Found}). {Fix}")]
    public static partial void HostLacks(ILogger logger, string requirement, string found, string? fix);

    [LoggerMessage(1014, LogLevel.Warning, "No sandbox could be booted ahead for the cells of {Agent}")]
    public static partial void NotWarmed(ILogger logger, string agent, Exception error);
}
