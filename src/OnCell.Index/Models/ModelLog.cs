using Microsoft.Extensions.Logging;

namespace OnCell.Indexing;

/// <summary>Log messages of <see cref="ModelSource"/>, event ids 4100 to 4199.</summary>
internal static partial class ModelLog
{
    [LoggerMessage(4100, LogLevel.Information, "Placed {Path}: {Bytes} bytes from {Origin}")]
    public static partial void Placed(ILogger logger, string path, long bytes, string origin);

    [LoggerMessage(4101, LogLevel.Warning, "The model file {Name} could not be had from {Origin}: {Reason}")]
    public static partial void OriginFailed(ILogger logger, string name, string origin, string reason);

    [LoggerMessage(4102, LogLevel.Warning, "{Path} has the SHA-256 {Found}, not {Expected}; it is not used")]
    public static partial void WrongFile(ILogger logger, string path, string found, string expected);
}
