using OnCell.Sandboxes.Git;

namespace OnCell.Sandboxes;

/// <summary>A credential, and the repository it is bound to.</summary>
/// <param name="Url">
/// The repository, as in <c>https://github.com/acme/app.git</c> (the closing <c>.git</c> does not matter), or everything
/// under a folder or host, as in <c>https://github.com/acme/*</c>.
/// </param>
/// <param name="UserName">The user name.</param>
/// <param name="Token">The password or token.</param>
public sealed record GitCredentialBinding(string Url, string UserName, string Token)
{
    /// <summary>Names the URL and user only; the token is never printed.</summary>
    public override string ToString() => $"GitCredentialBinding({Url}, {UserName}, …)";
}

/// <summary>Answers with credentials that are bound to protocol, host, port and repository path.</summary>
/// <remarks>
/// Names of hosts are compared without regard to case, paths exactly and segment by segment: neither
/// <c>github.com.evil.example</c> nor <c>/acme/app-private</c> gets what is bound to <c>github.com/acme/app</c>. The most
/// specific binding wins.
/// </remarks>
public sealed class BoundGitCredentials : IGitCredentialProvider
{
    private readonly (GitRepositoryUrl Url, bool Under, GitCredential Credential)[] _bindings;

    /// <summary>Initializes the set.</summary>
    /// <param name="bindings">The credentials with what they are bound to.</param>
    /// <exception cref="ArgumentException">Some URLs are not repository URLs; the message lists every one, without tokens.</exception>
    public BoundGitCredentials(IEnumerable<GitCredentialBinding> bindings)
    {
        ArgumentNullException.ThrowIfNull(bindings);
        var problems = new List<string>();
        var bound = new List<(GitRepositoryUrl Url, bool Under, GitCredential Credential)>();
        foreach (var binding in bindings)
        {
            if (Problem(binding, out var url, out var under) is { } problem)
                problems.Add(problem);
            else
                bound.Add((url!, under, new GitCredential(binding.UserName, binding.Token)));
        }

        if (problems.Count > 0)
            throw new ArgumentException("Some git credentials cannot be used:\n  " + string.Join("\n  ", problems), nameof(bindings));
        _bindings = [.. bound.OrderBy(binding => binding.Under).ThenByDescending(binding => binding.Url.Path.Length)];
    }

    /// <inheritdoc/>
    public Task<GitCredential?> GetAsync(GitCredentialRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var found = GitRepositoryUrl.TryCreate(request.Protocol, request.Host, request.Path, out var asked)
            ? _bindings.FirstOrDefault(binding => Covers(binding.Url, binding.Under, asked)).Credential
            : null;
        return Task.FromResult(found);
    }

    private static bool Covers(GitRepositoryUrl bound, bool under, GitRepositoryUrl asked) =>
        bound.Protocol == asked.Protocol && bound.Host == asked.Host
        && (under
            ? bound.Path.Length == 0 || asked.Path.StartsWith(bound.Path + "/", StringComparison.Ordinal)
            : asked.Path == bound.Path);

    private static string? Problem(GitCredentialBinding binding, out GitRepositoryUrl? url, out bool under)
    {
        const string AllUnder = "/*";
        url = null;
        var text = binding.Url ?? "";
        under = text.EndsWith(AllUnder, StringComparison.Ordinal);
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return $"\"{text}\" is not a URL: write it as in \"https://github.com/acme/app.git\".";
        var rest = (under ? text[..^AllUnder.Length] : text)[(scheme + 3)..];
        if (rest.Contains('@', StringComparison.Ordinal))
            return $"the URL of \"{binding.UserName}\" carries a user name: give it apart from the URL.";
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (host, path) = slash < 0 ? (rest, "") : (rest[..slash], rest[(slash + 1)..]);
        if (path.Contains('*', StringComparison.Ordinal))
            return $"\"{text}\" has a \"*\" that is not the whole last segment: write it as in \"https://github.com/acme/*\".";
        if (!GitRepositoryUrl.TryCreate(text[..scheme], host, Uri.UnescapeDataString(path), out url))
            return $"\"{text}\" is not a plain http:// or https:// URL of a repository: no query, no \"..\", no escapes of \"/\".";
        if (url.Path.Length == 0 && !under)
            return $"\"{text}\" names no repository: add its path, or \"/*\" for every repository of that host.";
        return GitCredentialText.IsUsable(binding.UserName) && GitCredentialText.IsUsable(binding.Token)
            ? null
            : $"\"{text}\" has no user name or no token, or one with a line break in it.";
    }
}
