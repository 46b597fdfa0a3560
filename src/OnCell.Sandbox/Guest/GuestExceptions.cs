using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

/// <summary>The guest answered a call with an error.</summary>
internal sealed class GuestErrorException(ErrorCode code, string message) : SandboxException(message)
{
    public ErrorCode Code { get; } = code;
}

/// <summary>The connection to the guest ended during a call; the sandbox may well live, and the guest dials again.</summary>
internal sealed class GuestConnectionException(string message, Exception? innerException = null)
    : SandboxDisconnectedException(message, innerException);
