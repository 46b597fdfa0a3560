using Microsoft.Extensions.Logging;

namespace OnCell.Sandboxes.Egress;

/// <summary>Log messages of the egress proxy and the git credential broker: event ids 2300 to 2399.</summary>
internal static partial class EgressLog
{
    [LoggerMessage(2300, LogLevel.Debug, "Egress to {Host}:{Port} by rule {Rule}: closed {Closed}, {BytesOut} bytes out, {BytesIn} in. {Reason}")]
    public static partial void Allowed(
        this ILogger logger, string host, int port, string? rule, bool closed, long bytesOut, long bytesIn, string? reason);

    [LoggerMessage(2301, LogLevel.Information, "Egress {Reason} ({Skipped} earlier denials not logged)")]
    public static partial void Denied(this ILogger logger, string? reason, int skipped);

    [LoggerMessage(2302, LogLevel.Error, "An egress connection failed unexpectedly.")]
    public static partial void ConnectionFaulted(this ILogger logger, Exception error);

    [LoggerMessage(2303, LogLevel.Warning, "A connection from a sandbox could not be accepted; trying again.")]
    public static partial void AcceptFailed(this ILogger logger, Exception error);

    [LoggerMessage(2304, LogLevel.Error, "The receiver of egress events failed.")]
    public static partial void ReceiverFaulted(this ILogger logger, Exception error);

    [LoggerMessage(2310, LogLevel.Information, "A git credential for {Protocol}://{Host}/{Path} was handed out.")]
    public static partial void CredentialGiven(this ILogger logger, string protocol, string host, string path);

    [LoggerMessage(2311, LogLevel.Information, "No git credential is bound to {Protocol}://{Host}/{Path} ({Skipped} earlier refusals not logged).")]
    public static partial void CredentialUnknown(this ILogger logger, string protocol, string host, string path, int skipped);

    [LoggerMessage(2312, LogLevel.Warning, "A git credential request was refused: {Reason} ({Skipped} earlier refusals not logged).")]
    public static partial void CredentialRefused(this ILogger logger, string reason, int skipped);

    [LoggerMessage(2313, LogLevel.Error, "The git credential provider failed.")]
    public static partial void CredentialProviderFailed(this ILogger logger, Exception error);
}
