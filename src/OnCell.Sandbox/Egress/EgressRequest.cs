namespace OnCell.Sandboxes.Egress;

/// <summary>What a client asks the proxy for.</summary>
/// <param name="Target">Where to.</param>
/// <param name="Method">The HTTP method; <see langword="null"/> for a tunnel, whose content is not seen.</param>
/// <param name="Path">The HTTP path and query; <see langword="null"/> for a tunnel.</param>
internal sealed record EgressRequest(EgressTarget Target, string? Method = null, string? Path = null);

/// <summary>What a policy says to a request.</summary>
/// <param name="Rule">The rule that allows it, or <see langword="null"/>.</param>
/// <param name="Reason">Why it is denied and which rule to add, or <see langword="null"/>.</param>
internal readonly record struct EgressVerdict(string? Rule, string? Reason)
{
    public static EgressVerdict Allow(string rule) => new(rule, null);

    public static EgressVerdict Deny(string reason) => new(null, reason);
}
