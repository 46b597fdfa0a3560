namespace OnCell.Guest.Protocol;

/// <summary>The other side broke the protocol; the connection is given up.</summary>
internal sealed class ProtocolException(string message) : Exception(message);
