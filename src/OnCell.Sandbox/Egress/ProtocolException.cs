namespace OnCell.Sandboxes.Egress;

/// <summary>A peer sent what its protocol does not allow.</summary>
/// <param name="message">What is wrong, without any of the peer's bytes.</param>
/// <param name="status">The HTTP status that says so.</param>
internal sealed class ProtocolException(string message, int status = 400) : Exception(message)
{
    public int Status => status;
}
