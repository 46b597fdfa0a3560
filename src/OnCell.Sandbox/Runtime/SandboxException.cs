namespace OnCell.Sandboxes;

/// <summary>A sandbox operation failed; the message says what failed, where, and what to do.</summary>
public class SandboxException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>The sandbox died (killed, out of memory, host restarted) while something was asked of it.</summary>
public sealed class SandboxLostException(string message, Exception? innerException = null)
    : SandboxException(message, innerException);

/// <summary>
/// The connection to the sandbox's guest broke under a call whose outcome is therefore unknown. The sandbox may be dying, or
/// may live on: its guest dials again by itself.
/// </summary>
public class SandboxDisconnectedException(string message, Exception? innerException = null)
    : SandboxException(message, innerException);

/// <summary>The sandbox is in use in a way that does not go with what was asked, such as a checkpoint; it goes on as it was.</summary>
public sealed class SandboxBusyException(string message, Exception? innerException = null)
    : SandboxException(message, innerException);
