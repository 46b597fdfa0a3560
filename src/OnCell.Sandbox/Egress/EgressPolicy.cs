using System.Net;
using OnCell.Sandboxes.Egress;

namespace OnCell.Sandboxes;

/// <summary>What a sandbox may reach. Nothing that no rule names.</summary>
/// <remarks>
/// A rule is a name (<c>github.com</c>), a wildcard (<c>*.amazonaws.com</c>: sub-domains, not the name itself), either
/// with a port (<c>git.corp:8443</c>; without one 80 and 443), a network (<c>10.1.0.0/16</c>, <c>127.0.0.1/32:8080</c>,
/// <c>[fd00::/8]:443</c>), or plain HTTP requests (<c>GET,HEAD http://mirror.corp/debian/</c>). Loopback, private,
/// link-local, metadata and other special addresses are refused even behind an allowed name, unless a network rule
/// that is no wider than their range names them.
/// </remarks>
public sealed class EgressPolicy
{
    private readonly NameRule[] _names;
    private readonly NetworkRule[] _networks;

    private EgressPolicy(IReadOnlyList<EgressRule> rules)
    {
        _names = [.. rules.OfType<NameRule>()];
        _networks = [.. rules.OfType<NetworkRule>()];
        Rules = [.. rules.Select(rule => rule.Text)];
    }

    /// <summary>Gets the policy that allows nothing.</summary>
    public static EgressPolicy DenyAll { get; } = new([]);

    /// <summary>Gets the rules, in the words they were written in.</summary>
    public IReadOnlyList<string> Rules { get; }

    /// <summary>Reads rules.</summary>
    /// <param name="rules">At most 1,000 rules of at most 512 characters each.</param>
    /// <exception cref="EgressPolicyException">Some rules are not rules; the exception lists every one of them.</exception>
    public static EgressPolicy Parse(IEnumerable<string> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var parsed = EgressRuleParser.Parse(rules, out var problems);
        return problems.Count == 0 ? new EgressPolicy(parsed) : throw new EgressPolicyException(problems);
    }

    /// <summary>Judges what is asked for, before anything is looked up or dialled.</summary>
    internal EgressVerdict Judge(EgressRequest request) =>
        request.Target.Address is { } address ? JudgeLiteral(request.Target, address) : JudgeName(request);

    /// <summary>Judges an address that an allowed name resolved to, before it is dialled.</summary>
    internal EgressVerdict JudgeResolved(EgressTarget target, IPAddress address, string rule)
    {
        if (SpecialRange.Of(address) is not { } range || Find(address, target.Port, behindName: true) is not null)
            return EgressVerdict.Allow(rule);
        var fix = EgressTarget.Cidr(address, target.Port);
        return EgressVerdict.Deny(
            $"denied {target}: it resolves to {address} ({range.Kind}); if that is meant, add \"{fix}\" to Network.Allow");
    }

    /// <summary>Tells whether a rule means this very host: its loopback, or one of its own addresses written out in full.</summary>
    internal bool OpensHost(IPAddress address, int port) =>
        Find(address, port, behindName: true) is { } rule
        && (IPAddress.IsLoopback(address) || rule.Network.PrefixLength == rule.Network.BaseAddress.GetAddressBytes().Length * 8);

    private EgressVerdict JudgeLiteral(EgressTarget target, IPAddress address)
    {
        if (Find(address, target.Port, behindName: false) is { } rule)
            return EgressVerdict.Allow(rule.Text);
        var kind = SpecialRange.Of(address) is { } range ? $" ({range.Kind})" : "";
        return EgressVerdict.Deny(
            $"denied {target}{kind}: ask by name, or add \"{EgressTarget.Cidr(address, target.Port)}\" to Network.Allow");
    }

    private EgressVerdict JudgeName(EgressRequest request)
    {
        NameRule? near = null;
        foreach (var rule in _names)
        {
            if (rule.Covers(request.Target.Host) && rule.CoversPort(request.Target.Port))
            {
                if (rule.CoversRequest(request))
                    return EgressVerdict.Allow(rule.Text);
                near = rule;
            }
        }

        var target = request.Target;
        var fix = target.Port is 80 or 443 ? target.Host : target.ToString();
        if (near is not null)
        {
            var asked = request.Method is null ? "a tunnel" : $"{request.Method} {request.Path}";
            return EgressVerdict.Deny(
                $"denied {target}: \"{near.Text}\" does not cover {asked}; add \"{fix}\" to Network.Allow to allow all of it");
        }

        var apex = _names.FirstOrDefault(rule => rule.IsApex(target.Host)) is { } wildcard
            ? $"\"{wildcard.Text}\" covers sub-domains only; " : "";
        return EgressVerdict.Deny($"denied {target}: {apex}add \"{fix}\" to Network.Allow");
    }

    private NetworkRule? Find(IPAddress address, int port, bool behindName)
    {
        // An address that carries an IPv4 address in it (NAT64, 6to4) is as far-reaching as that one.
        if (SpecialRange.EmbeddedIPv4(address) is { } inner
            && SpecialRange.Of(inner) is not null && Find(inner, port, behindName) is null)
            return null;
        var range = SpecialRange.Of(address);
        return _networks.Where(rule => rule.CoversPort(port, behindName) && rule.Covers(address, range))
            .MaxBy(rule => rule.Network.PrefixLength);
    }
}
