using Microsoft.Extensions.Logging;

namespace OnCell.Indexing;

/// <summary>Log messages of the index, event ids 4000 to 4999.</summary>
internal static partial class IndexLog
{
    [LoggerMessage(4000, LogLevel.Information, "Indexed {Root}: {Indexed} new or changed, {Unchanged} unchanged, {Removed} removed files, {Chunks} chunks in {Milliseconds} ms")]
    public static partial void Indexed(
        ILogger logger, string root, int indexed, int unchanged, int removed, int chunks, long milliseconds);

    [LoggerMessage(4001, LogLevel.Warning, "The index {Path} was made by another version and was emptied; the next run fills it")]
    public static partial void Emptied(ILogger logger, string path);

    [LoggerMessage(4003, LogLevel.Warning, "The index has vectors of {Stored} with {StoredDimension} dimensions, queries have those of {Model} with {Dimension}: words alone are searched until the next run")]
    public static partial void OtherVectors(ILogger logger, string stored, int storedDimension, string model, int dimension);

    [LoggerMessage(4002, LogLevel.Debug, "Skipped {Path}: {Reason}")]
    public static partial void Skipped(ILogger logger, string path, string reason);
}
