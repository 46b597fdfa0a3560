using Microsoft.Extensions.Logging;

namespace OnCell.Sandboxes.Egress;

/// <summary>Log messages of the egress proxy and the git credential broker: event ids 2300 to 2399.</summary>
internal static partial class EgressLog
{
    [LoggerMessage(2300, LogLevel.Debug, "Sandbox {Sandbox}: egress to {Host}:{Port} by rule {Rule}: closed {Closed}, {BytesOut} bytes out, {BytesIn} in. {Reason}")]
    public static partial void Allowed(
        this ILogger logger, string sandbox, string host, int port, string? rule, bool closed, long bytesOut, long bytesIn, string? reason);

    [LoggerMessage(2301, LogLevel.Information, "Sandbox {Sandbox}: egress {Reason} ({Skipped} earlier denials not logged)")]
    public static partial void Denied(this ILogger logger, string sandbox, string? reason, int skipped);

    [LoggerMessage(2302, LogLevel.Error, "Sandbox {Sandbox}: an egress connection failed unexpectedly.")]
    public static partial void ConnectionFaulted(this ILogger logger, string sandbox, Exception error);

    [LoggerMessage(2303, LogLevel.Warning, "A connection from a sandbox could not be accepted; trying again.")]
    public static partial void AcceptFailed(this ILogger logger, Exception error);

    [LoggerMessage(2304, LogLevel.Error, "Sandbox {Sandbox}: the receiver of egress events failed.")]
    public static partial void ReceiverFaulted(this ILogger logger, string sandbox, Exception error);

    [LoggerMessage(2310, LogLevel.Information, "Sandbox {Sandbox}: a git credential for {Protocol}://{Host}/{Path} was handed out.")]
    public static partial void CredentialGiven(this ILogger logger, string sandbox, string protocol, string host, string path);

    [LoggerMessage(2311, LogLevel.Information, "Sandbox {Sandbox}: no git credential is bound to {Protocol}://{Host}/{Path} ({Skipped} earlier refusals not logged).")]
    public static partial void CredentialUnknown(
        this ILogger logger, string sandbox, string protocol, string host, string path, int skipped);

    [LoggerMessage(2312, LogLevel.Warning, "Sandbox {Sandbox}: a git credential request was refused: {Reason} ({Skipped} earlier refusals not logged).")]
    public static partial void CredentialRefused(this ILogger logger, string sandbox, string reason, int skipped);

    [LoggerMessage(2313, LogLevel.Error, "Sandbox {Sandbox}: the git credential provider failed.")]
    public static partial void CredentialProviderFailed(this ILogger logger, string sandbox, Exception error);
}
