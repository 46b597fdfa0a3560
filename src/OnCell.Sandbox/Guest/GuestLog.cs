using Microsoft.Extensions.Logging;

namespace OnCell.Sandboxes.Guest;

internal static partial class GuestLog
{
    [LoggerMessage(2100, LogLevel.Debug, "Guest {Release} connected to {Socket}, boot {BootId}")]
    public static partial void Connected(ILogger logger, string socket, string release, Guid bootId);

    [LoggerMessage(2101, LogLevel.Debug, "The guest's connection to {Socket} ended: {Reason}")]
    public static partial void Disconnected(ILogger logger, string socket, string reason);

    [LoggerMessage(2102, LogLevel.Warning, "A connection to {Socket} was refused: {Reason}")]
    public static partial void Refused(ILogger logger, string socket, string reason);

    [LoggerMessage(2103, LogLevel.Error, "Accepting connections on {Socket} failed")]
    public static partial void AcceptFailed(ILogger logger, string socket, Exception exception);
}
