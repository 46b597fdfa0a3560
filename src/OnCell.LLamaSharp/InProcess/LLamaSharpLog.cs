using Microsoft.Extensions.Logging;

namespace OnCell.LLamaSharp.InProcess;

internal static partial class LLamaSharpLog
{
    [LoggerMessage(1120, LogLevel.Information, "The model {Model} is loaded into this process after {Seconds:0.0} s")]
    public static partial void Loaded(ILogger logger, string model, double seconds);

    [LoggerMessage(1121, LogLevel.Debug, "llama.cpp: {Line}")]
    public static partial void Native(ILogger logger, string line);
}
