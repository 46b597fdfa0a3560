using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OnCell.Sandboxes.Egress;

/// <summary>Reads the rules of a policy, and says of each bad one what to write instead.</summary>
internal static class EgressRuleParser
{
    private const int MaxRules = 1_000;
    private const int MaxLength = 512;

    /// <summary>Top-level names that the public DNS does not have: a site's own, or a test's.</summary>
    private static readonly HashSet<string> PrivateTopLevel =
        ["internal", "corp", "home", "intranet", "lan", "local", "private", "test", "example", "localhost"];

    public static IReadOnlyList<EgressRule> Parse(IEnumerable<string> texts, out IReadOnlyList<string> problems)
    {
        var rules = new List<EgressRule>();
        var bad = new List<string>();
        foreach (var text in texts)
        {
            if (rules.Count + bad.Count == MaxRules)
            {
                bad.Add($"there are more than {MaxRules} rules: use wildcards or networks.");
                break;
            }

            try
            {
                rules.Add(ParseRule(text));
            }
            catch (FormatException problem)
            {
                bad.Add($"\"{Shown(text)}\" {problem.Message}");
            }
        }

        problems = bad;
        return rules;
    }

    private static EgressRule ParseRule(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new FormatException("is empty: remove it.");
        if (text.Length > MaxLength)
            throw new FormatException($"is longer than {MaxLength} characters.");
        if (text != text.Trim())
            throw new FormatException($"has spaces around it: write \"{text.Trim()}\".");
        if (text.Contains("://", StringComparison.Ordinal))
            return ParseHttp(text);
        if (text.Contains('/', StringComparison.Ordinal))
            return ParseNetwork(text);
        var (host, port) = SplitPort(text);
        return ParseName(text, host, port, http: null);
    }

    private static NameRule ParseName(string text, string host, int? port, HttpNarrowing? http)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            throw new FormatException($"is an address: write \"{EgressTarget.Cidr(address, port)}\".");
        var wildcard = host.StartsWith("*.", StringComparison.Ordinal);
        var name = wildcard ? host[2..] : host;
        if (name is "*" or "")
            throw new FormatException("would allow every name: list the names, such as \"*.example.com\".");
        if (name.Contains('*', StringComparison.Ordinal))
            throw new FormatException("has a \"*\" in the middle: it may only be the whole first label, as in \"*.example.com\".");
        if (!name.All(char.IsAscii))
            throw new FormatException("has letters beyond ASCII: write the name in its \"xn--\" form.");
        if (!HostName.TryNormalize(name, out var normalized))
            throw new FormatException("is not a host name: labels of letters, digits and \"-\", parted by dots, as in \"api.example.com\".");
        if (wildcard && !normalized.Contains('.', StringComparison.Ordinal) && !PrivateTopLevel.Contains(normalized))
            throw new FormatException($"would allow a whole top-level domain: name a domain, as in \"*.example.{normalized}\".");
        return new NameRule(text, normalized, wildcard, port, http);
    }

    private static NetworkRule ParseNetwork(string text)
    {
        var cidr = text;
        int? port = null;
        if (text[0] == '[')
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || text[1..close].IndexOf('/', StringComparison.Ordinal) < 0)
                throw new FormatException("is not a network: write the whole CIDR in the brackets, as in \"[fd00::/8]:443\".");
            cidr = text[1..close];
            var after = text[(close + 1)..];
            if (after.Length > 0)
                port = after[0] == ':' ? ParsePort(after[1..]) : throw new FormatException($"has \"{after}\" after the bracket: write \":PORT\" or nothing.");
        }
        else if (text.LastIndexOf(':') is var colon and >= 0 && colon > text.IndexOf('/', StringComparison.Ordinal))
        {
            cidr = text[..colon];
            port = ParsePort(text[(colon + 1)..]);
            if (cidr.Contains(':', StringComparison.Ordinal))
                throw new FormatException($"is ambiguous: write \"[{cidr}]:{port}\".");
        }

        return new NetworkRule(text, ParseCidr(cidr), port);
    }

    private static IPNetwork ParseCidr(string cidr)
    {
        var slash = cidr.IndexOf('/', StringComparison.Ordinal);
        if (!EgressTarget.TryParseAddress(cidr.AsSpan(0, slash), out var address))
            throw new FormatException("is not a network: write an address and a prefix length, as in \"10.1.0.0/16\"; for a URL start with \"http://\".");
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (!int.TryParse(cidr[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > bits)
            throw new FormatException($"has a prefix length that is not 0 to {bits}.");
        if (cidr.Contains("ffff:", StringComparison.OrdinalIgnoreCase) && bits == 32)
            throw new FormatException($"is an IPv4 network in IPv6 dress: write the IPv4 network, as in \"{address}/32\".");
        var network = SpecialRange.Mask(address, length);
        return network.Equals(address)
            ? new IPNetwork(address, length)
            : throw new FormatException($"has bits beyond its prefix: write \"{network}/{length}\", or \"{address}/{bits}\" for that address alone.");
    }

    private static NameRule ParseHttp(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var methods = space < 0 ? [] : text[..space].Split(',');
        if (methods.FirstOrDefault(method => method.Length == 0 || !method.All(char.IsAsciiLetterUpper)) is { } odd)
            throw new FormatException($"has \"{odd}\" where a method belongs: write it as in \"GET,HEAD http://example.com/path\".");
        var url = text[(space + 1)..];
        const string Http = "http://";
        if (!url.StartsWith(Http, StringComparison.Ordinal))
        {
            var name = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/', ':')[0];
            throw new FormatException($"narrows what the proxy cannot see (only plain http:// requests can be read): write \"{name}\".");
        }

        var slash = url.IndexOf('/', Http.Length);
        var authority = slash < 0 ? url[Http.Length..] : url[Http.Length..slash];
        var path = slash < 0 ? "/" : url[slash..];
        if (!HttpNarrowing.IsPlain(path) || path.Contains('?', StringComparison.Ordinal))
            throw new FormatException("has a path with \"..\", \"//\", an escape of one, or a query: write a plain path prefix.");
        var (host, port) = SplitPort(authority);
        return ParseName(text, host, port ?? 80, new HttpNarrowing(methods, path.TrimEnd('/')));
    }

    private static (string Host, int? Port) SplitPort(string text)
    {
        var colon = text.LastIndexOf(':');
        // More than one colon without a bracket is an IPv6 address, which ParseName refuses with its CIDR form.
        return colon < 0 || text.EndsWith(']') || (text[0] != '[' && text.IndexOf(':', StringComparison.Ordinal) != colon)
            ? (text, null)
            : (text[..colon], ParsePort(text[(colon + 1)..]));
    }

    private static int ParsePort(string text) =>
        EgressTarget.TryParsePort(text, out var port)
            ? port
            : throw new FormatException($"has the port \"{text}\": write a number from 1 to 65535.");

    private static string Shown(string? text) =>
        text is null ? "" : new string([.. text.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
}
