using System.Net;
using CsCheck;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Egress;

namespace OnCell.Sandbox.Tests.Egress;

public sealed class EgressPolicyTests
{
    [Theory]
    [InlineData("github.com", "github.com:443", true)]
    [InlineData("github.com", "GitHub.com.:80", true)]
    [InlineData("github.com", "github.com:22", false)]
    [InlineData("github.com", "api.github.com:443", false)]
    [InlineData("github.com", "evilgithub.com:443", false)]
    [InlineData("github.com", "github.com.evil.example:443", false)]
    [InlineData("GitHub.com", "github.com:443", true)]
    [InlineData("git.corp:8443", "git.corp:8443", true)]
    [InlineData("git.corp:8443", "git.corp:443", false)]
    [InlineData("*.amazonaws.com", "s3.amazonaws.com:443", true)]
    [InlineData("*.amazonaws.com", "a.b.amazonaws.com:443", true)]
    [InlineData("*.amazonaws.com", "amazonaws.com:443", false)]
    [InlineData("*.amazonaws.com", "evilamazonaws.com:443", false)]
    [InlineData("*.amazonaws.com:8080", "s3.amazonaws.com:8080", true)]
    [InlineData("10.1.0.0/16", "10.1.2.3:443", true)]
    [InlineData("10.1.0.0/16", "10.2.0.1:443", false)]
    [InlineData("10.1.0.0/16", "10.1.2.3:22", false)]
    [InlineData("127.0.0.1/32:8080", "127.0.0.1:8080", true)]
    [InlineData("127.0.0.1/32:8080", "127.0.0.1:80", false)]
    [InlineData("127.0.0.1/32:8080", "127.0.0.2:8080", false)]
    [InlineData("[fd00::/8]:8443", "[fd12::1]:8443", true)]
    [InlineData("[fd00::/8]:8443", "[fd12::1]:443", false)]
    [InlineData("fd00::/8", "[fd12::1]:443", true)]
    [InlineData("::1/128", "[::1]:443", true)]
    [InlineData("[::1/128]:8080", "[::1]:8080", true)]
    [InlineData("10.1.0.0/16", "[::ffff:10.1.2.3]:443", true)]
    [InlineData("0.0.0.0/0", "8.8.8.8:443", true)]
    [InlineData("0.0.0.0/0", "127.0.0.1:443", false)]
    [InlineData("0.0.0.0/0", "10.0.0.1:443", false)]
    [InlineData("169.254.0.0/16", "169.254.1.1:80", true)]
    [InlineData("169.254.0.0/16", "169.254.169.254:80", false)]
    [InlineData("169.254.169.254/32", "169.254.169.254:80", true)]
    [InlineData("::/0", "[2606:4700::1]:443", true)]
    [InlineData("::/0", "[::1]:443", false)]
    [InlineData("::/0", "[64:ff9b::7f00:1]:443", false)]
    [InlineData("64:ff9b::/96", "[64:ff9b::808:808]:443", true)]
    [InlineData("64:ff9b::/96", "[64:ff9b::7f00:1]:443", false)]
    [InlineData("2002::/16", "[2002:a9fe:a9fe::1]:443", false)]
    public void A_rule_covers_what_it_says(string rule, string target, bool allowed)
    {
        Assert.True(EgressTarget.TryParse(target, null, out var parsed));
        var verdict = EgressPolicy.Parse([rule]).Judge(new EgressRequest(parsed));
        Assert.Equal(allowed ? rule : null, verdict.Rule);
        Assert.Equal(allowed, verdict.Reason is null);
    }

    [Theory]
    [InlineData("GET http://mirror.corp/debian/", "GET", "http://mirror.corp/debian/x", true)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debian", true)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debian?x=/..", true)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debianx", false)]
    [InlineData("GET http://mirror.corp/debian", "POST", "http://mirror.corp/debian/x", false)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debian/../secret", false)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debian/%2e%2e/secret", false)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debian/%252e%252e/secret", false)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debian/..%2fsecret", false)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debian/..;/secret", false)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debian\\..\\secret", false)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debian/./x", true)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp//debian/x", false)]
    [InlineData("GET http://mirror.corp/debian", "GET", "http://mirror.corp/debian/a%20b/", true)]
    [InlineData("http://mirror.corp:8080/", "PUT", "http://mirror.corp:8080/anything", true)]
    [InlineData("http://mirror.corp:8080/", "PUT", "http://mirror.corp/anything", false)]
    [InlineData("GET,HEAD http://mirror.corp", "HEAD", "http://mirror.corp/", true)]
    public void A_rule_can_be_narrowed_to_plain_requests(string rule, string method, string url, bool allowed)
    {
        var policy = EgressPolicy.Parse([rule]);
        var split = url.IndexOf('/', "http://".Length);
        Assert.True(EgressTarget.TryParse(url.AsSpan()["http://".Length..split], 80, out var target));
        Assert.Equal(allowed, policy.Judge(new EgressRequest(target, method, url[split..])).Rule is not null);
        Assert.Null(policy.Judge(new EgressRequest(target)).Rule); // A tunnel hides what is asked for.
    }

    [Theory]
    [InlineData("", "remove it")]
    [InlineData(" github.com", "write \"github.com\"")]
    [InlineData("*", "list the names")]
    [InlineData("*.*", "list the names")]
    [InlineData("git*.com", "may only be the whole first label")]
    [InlineData("a.*.com", "may only be the whole first label")]
    [InlineData("*.com", "\"*.example.com\"")]
    [InlineData("git hub.com", "is not a host name")]
    [InlineData("-a.com", "is not a host name")]
    [InlineData("a..com", "is not a host name")]
    [InlineData("bücher.example", "\"xn--\"")]
    [InlineData("github.com:0", "from 1 to 65535")]
    [InlineData("github.com:65536", "from 1 to 65535")]
    [InlineData("github.com:+80", "from 1 to 65535")]
    [InlineData("github.com:", "from 1 to 65535")]
    [InlineData("10.1.2.3", "write \"10.1.2.3/32\"")]
    [InlineData("10.1.2.3:8080", "write \"10.1.2.3/32:8080\"")]
    [InlineData("127.1", "is an address")]
    [InlineData("0x7f000001", "is an address")]
    [InlineData("1.2.3.4.5", "is not a host name")]
    [InlineData("::1", "write \"::1/128\"")]
    [InlineData("[::1]:8080", "write \"[::1/128]:8080\"")]
    [InlineData("10.1.2.3/16", "write \"10.1.0.0/16\", or \"10.1.2.3/32\"")]
    [InlineData("10.1.0.0/33", "0 to 32")]
    [InlineData("10.1.0.0/", "0 to 32")]
    [InlineData("10.1.0.0/-1", "0 to 32")]
    [InlineData("10.1/16", "10.1.0.0/16")]
    [InlineData("fd00::/129", "0 to 128")]
    [InlineData("fd00::/8:443", "write \"[fd00::/8]:443\"")]
    [InlineData("[fd00::]/8:443", "in the brackets")]
    [InlineData("[fd00::/8]443", "after the bracket")]
    [InlineData("::ffff:10.0.0.0/104", "prefix length")]
    [InlineData("::ffff:10.0.0.1/32", "IPv4 network in IPv6 dress")]
    [InlineData("fe80::1%eth0/128", "is not a network")]
    [InlineData("github.com/acme", "\"http://\"")]
    [InlineData("https://github.com/acme", "write \"github.com\"")]
    [InlineData("get http://a.example/", "where a method belongs")]
    [InlineData("GET  http://a.example/", "narrows what the proxy cannot see")]
    [InlineData("GET http://a.example/../b", "plain path prefix")]
    [InlineData("GET http://a.example/x?y", "plain path prefix")]
    [InlineData("http://10.0.0.1/", "write \"10.0.0.1/32\"")]
    public void A_bad_rule_says_what_to_write_instead(string rule, string advice)
    {
        var error = Assert.Throws<EgressPolicyException>(() => EgressPolicy.Parse([rule]));
        Assert.Contains(advice, Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_bad_rule_is_reported_at_once()
    {
        var error = Assert.Throws<EgressPolicyException>(() => EgressPolicy.Parse(["*", "github.com", "10.0.0.1", "a\nb"]));
        Assert.Equal(3, error.Problems.Count);
        Assert.All(error.Problems, problem => Assert.Contains(problem, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("192.0.0.192")]
    [InlineData("198.19.0.1")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::7f00:1")]
    [InlineData("::ffff:0:7f00:1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("4000::1")]
    public void Special_addresses_are_refused_behind_an_allowed_name(string address)
    {
        Assert.True(EgressTarget.TryParse("site.example:443", null, out var target));
        var policy = EgressPolicy.Parse(["site.example", "0.0.0.0/0", "::/0"]);
        Assert.Contains("it resolves to", policy.JudgeResolved(target, IPAddress.Parse(address), "site.example").Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450::1")]
    public void Public_addresses_are_not_special(string address) => Assert.Null(SpecialRange.Of(IPAddress.Parse(address)));

    [Fact]
    public void Only_the_port_that_name_and_network_share_is_open()
    {
        var policy = EgressPolicy.Parse(["git.corp:8443", "git.corp:22", "10.1.2.3/32:8443"]);
        var inside = IPAddress.Parse("10.1.2.3");
        Assert.True(EgressTarget.TryParse("git.corp:8443", null, out var open) && policy.JudgeResolved(open, inside, "").Reason is null);
        Assert.True(EgressTarget.TryParse("git.corp:22", null, out var other) && policy.JudgeResolved(other, inside, "").Reason is not null);
    }

    [Fact]
    public void No_name_reaches_an_address_that_no_rule_names() =>
        Gen.Byte.Array[4].Select(bytes => new IPAddress(bytes)).Sample(address =>
        {
            EgressTarget.TryParse("site.example:443", null, out var target);
            var special = SpecialRange.Of(address) is not null;
            var byName = EgressPolicy.Parse(["site.example"]).JudgeResolved(target!, address, "site.example");
            var byRule = EgressPolicy.Parse(["site.example", EgressTarget.Cidr(address, null)]).JudgeResolved(target!, address, "site.example");
            return special == (byName.Reason is not null) && byRule.Reason is null;
        });

    [Fact]
    public void The_rule_that_a_denial_names_allows_what_was_denied() =>
        Gen.Select(Gen.Byte.Array[4], Gen.Byte.Array[16], Gen.Bool, Gen.Int[1, 65535]).Sample((v4, v6, six, port) =>
        {
            var target = EgressTarget.ForAddress(new IPAddress(six ? v6 : v4), port);
            var reason = EgressPolicy.DenyAll.Judge(new EgressRequest(target)).Reason!;
            var quoted = reason[(reason.IndexOf('"') + 1)..reason.LastIndexOf('"')];
            var embedded = target.Address is { } a && SpecialRange.EmbeddedIPv4(a) is not null;
            return embedded || EgressPolicy.Parse([quoted]).Judge(new EgressRequest(target)).Rule == quoted;
        });

    [Fact]
    public void Parsing_any_text_either_works_or_explains() =>
        Gen.String[Gen.Char["*.:/[]-_ aZ09%?#@\\\n\u00e9xGET"], 0, 24].Array[0, 4].Sample(rules =>
        {
            try
            {
                return EgressPolicy.Parse(rules).Rules.SequenceEqual(rules);
            }
            catch (EgressPolicyException error)
            {
                return error.Problems.Count > 0;
            }
        });
}
