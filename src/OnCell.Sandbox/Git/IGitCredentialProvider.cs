namespace OnCell.Sandboxes;

/// <summary>A git credential asked for by a sandbox.</summary>
/// <param name="Protocol">The protocol, such as <c>https</c>.</param>
/// <param name="Host">The host, with its port where one is named.</param>
/// <param name="Path">The repository's path.</param>
public sealed record GitCredentialRequest(string Protocol, string Host, string Path);

/// <summary>A user name and its password or token.</summary>
public sealed record GitCredential(string UserName, string Password)
{
    /// <summary>Names the user only; the password is never printed.</summary>
    public override string ToString() => $"GitCredential({UserName}, …)";
}

/// <summary>Answers git credential requests of one sandbox, on the host. Nothing is stored in the sandbox.</summary>
public interface IGitCredentialProvider
{
    /// <summary>Gets the credential for exactly this protocol, host and path, or <see langword="null"/>.</summary>
    Task<GitCredential?> GetAsync(GitCredentialRequest request, CancellationToken cancellationToken);
}
