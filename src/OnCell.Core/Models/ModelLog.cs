using Microsoft.Extensions.Logging;

namespace OnCell.Models;

internal static partial class ModelLog
{
    [LoggerMessage(1100, LogLevel.Warning, "The model provider {Provider} failed")]
    public static partial void ProviderFailed(ILogger logger, string provider, Exception error);

    [LoggerMessage(1101, LogLevel.Information, "The model provider {Provider} answered {Status}; waiting {Seconds:0.#} s before try {Attempt}")]
    public static partial void Waiting(ILogger logger, string provider, int status, double seconds, int attempt);

    [LoggerMessage(1102, LogLevel.Warning, "The tool {Tool} of run {Run} failed; the model is told so")]
    public static partial void ToolFailed(ILogger logger, string tool, string run, Exception error);
}
