namespace OnCell.Guest.Protocol;

/// <summary>Numbers on which host and guest agree.</summary>
/// <remarks>
/// One Unix-socket connection carries calls that the host opens, each with a stream id of its own. A frame is a
/// <see cref="FrameHeader"/> and its payload. Data and events are sent only against credit, so a receiver holds at
/// most <see cref="Window"/> bytes per call, whatever the other side sends.
/// </remarks>
internal static class ProtocolConstants
{
    /// <summary>"OCG" and a line feed, which no text protocol begins with.</summary>
    public const uint Magic = 0x0A47434F;

    /// <summary>Raised when a change is not understood by older peers; both sides must name the same one.</summary>
    public const ushort Version = 1;

    /// <summary>The largest payload of a data frame.</summary>
    public const int MaxData = 256 * 1024;

    /// <summary>The largest payload of any frame from the guest.</summary>
    public const int MaxGuestPayload = MaxData;

    /// <summary>The largest payload of a frame from the host: a command with its environment.</summary>
    public const int MaxHostPayload = 1024 * 1024;

    /// <summary>The credit with which each side of a call begins, in bytes.</summary>
    public const int Window = 1024 * 1024;

    /// <summary>The most calls open at once on one connection.</summary>
    public const int MaxCalls = 1024;

    /// <summary>The most bytes of standard input.</summary>
    public const long MaxStandardInput = 64L * 1024 * 1024;

    /// <summary>The longest key of a command.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>What a frame costs in credit. The floor keeps a flood of tiny frames from costing more memory than it pays for.</summary>
    public static int Cost(int payloadLength) => Math.Max(payloadLength, 1024);
}
