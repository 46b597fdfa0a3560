using Microsoft.Extensions.Logging;

namespace OnCell.Models.Local;

internal static partial class LocalModelLog
{
    [LoggerMessage(1110, LogLevel.Information, "The local model {Model} is loaded after {Seconds:0.0} s")]
    public static partial void Started(ILogger logger, string model, double seconds);

    [LoggerMessage(1111, LogLevel.Warning, "The server of the local model {Model} died ({Reason}); it is started anew")]
    public static partial void Died(ILogger logger, string model, string reason);

    [LoggerMessage(1112, LogLevel.Information, "The server of the local model {Model} is stopped: {Reason}")]
    public static partial void Stopped(ILogger logger, string model, string reason);

    [LoggerMessage(1113, LogLevel.Information, "The weights of the local model {Model}: {Phase}, {Megabytes} MB")]
    public static partial void Fetching(ILogger logger, string model, string phase, long megabytes);

    [LoggerMessage(1114, LogLevel.Warning, "The idle server of the local model {Model} could not be stopped")]
    public static partial void NotStopped(ILogger logger, string model, Exception error);
}
