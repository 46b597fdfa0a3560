using System.Diagnostics.CodeAnalysis;
using OnCell.Sandboxes.Egress;

namespace OnCell.Sandboxes.Git;

/// <summary>Protocol, host and repository path in the one form in which they are compared.</summary>
/// <param name="Protocol"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">The lower-case host, with its port where that is not the protocol's own.</param>
/// <param name="Path">The path without leading and closing slashes and without a closing <c>.git</c>.</param>
internal sealed record GitRepositoryUrl(string Protocol, string Host, string Path)
{
    private const int MaxPathLength = 1024;
    private const string Repository = ".git";
    private const string LargeFiles = "/info/lfs";

    /// <summary>Reads the three parts; refuses what two parsers could read in two ways.</summary>
    public static bool TryCreate(string protocol, string host, string path, [NotNullWhen(true)] out GitRepositoryUrl? url)
    {
        url = null;
        if (protocol is not ("http" or "https"))
            return false;
        var ownPort = protocol == "http" ? 80 : 443;
        if (!EgressTarget.TryParse(host, ownPort, out var target) || !TryNormalizePath(path, out var plain))
            return false;
        var text = target.ToString();
        url = new GitRepositoryUrl(protocol, target.Port == ownPort ? text[..text.LastIndexOf(':')] : text, plain);
        return true;
    }

    private static bool TryNormalizePath(string path, [NotNullWhen(true)] out string? plain)
    {
        plain = null;
        path = path.Trim('/');
        if (path.Length > MaxPathLength || path.AsSpan().ContainsAny('\\', '?', '#') || path.AsSpan().ContainsAnyInRange('\0', ' '))
            return false;
        // git hands over the URL's path with its escapes decoded. One that still has an escape is decoded once more by
        // somebody, or is not; the credential goes to neither.
        if (path.Contains('%', StringComparison.Ordinal))
            return false;
        if (path.Length > 0 && path.Split('/').Any(segment => segment is "" or "." or ".."))
            return false;
        // Git LFS asks for its own path below the repository's.
        if (path.EndsWith(Repository + LargeFiles, StringComparison.Ordinal))
            path = path[..^LargeFiles.Length];
        plain = path.EndsWith(Repository, StringComparison.Ordinal) ? path[..^Repository.Length].TrimEnd('/') : path;
        return true;
    }
}
