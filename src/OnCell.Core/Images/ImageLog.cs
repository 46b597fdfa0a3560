using Microsoft.Extensions.Logging;

namespace OnCell.Images;

/// <summary>The log lines of images. Their event ids are never used again for anything else.</summary>
internal static partial class ImageLog
{
    [LoggerMessage(1750, LogLevel.Information, "Which base system the cells of {Agent} are made of cannot be told: {Reason}")]
    public static partial void NotKnown(ILogger logger, string agent, string reason);

    [LoggerMessage(1751, LogLevel.Information, "Removed the base system {Image} ({Contents}), which nobody uses: {Bytes} bytes")]
    public static partial void Pruned(ILogger logger, string image, string contents, long bytes);

    [LoggerMessage(1752, LogLevel.Warning, "Base systems that nobody uses could not be removed; it is tried again in a day")]
    public static partial void NotPruned(ILogger logger, Exception error);
}
