using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using OnCell.AspNetCore.Tests.Access;

namespace OnCell.AspNetCore.Tests.Security;

/// <summary>Everything malformed, at every route: a 4xx as problem+json, never a 500, and nothing of the host.</summary>
public sealed class HostileInputTests(ServiceFixture fixture)
{
    private static readonly string[] Strings =
    [
        "../acme", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "....//....//etc/passwd", "/etc/passwd", "acme%00.txt", "%0d%0aX-Injected:%201",
        "a%0adata:%20injected%0a%0a", "acme'; DROP TABLE customer;--", "<script>alert(1)</script>", "%F0%9F%92%A9", "%FF%FE", "con", "~root",
        "$(id)", "`id`", "{{7*7}}", "-rf", "%20", "ACME", "setup%20", "1e999",
    ];

    private Service Service => fixture.Service;

    [Fact]
    public async Task No_string_in_any_path_leads_anywhere()
    {
        foreach (var (method, path) in Routes.All(Service.Services).Where(r => r.Path.Contains("acme") || r.Path.Contains("thing")))
        {
            foreach (var text in Strings)
            {
                // Each variable part on its own, the others as they are.
                foreach (var part in (string[])["acme", "thing"])
                {
                    if (!path.Split('/').Contains(part) || (part == "acme" && method == HttpMethod.Delete && text == "ACME")) continue;
                    var hostile = string.Join('/', path.Split('/').Select(p => p == part ? text : p));
                    using var request = new HttpRequestMessage(method, new Uri(Service.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + hostile, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
                    if (method != HttpMethod.Get) request.Content = JsonContent.Create(new { });
                    await AssertRefusedAsync(request, $"{method} {hostile}");
                }
            }
        }

        Assert.Equal(HttpStatusCode.OK, (await Service.Http.GetAsync("/v1/customers/acme")).StatusCode);
    }

    [Fact]
    public async Task No_string_in_any_query_leads_anywhere()
    {
        string[] queries =
        [
            "customers?state=", "customers?limit=", "customers?after=", "customers?agent=", "runs?customer=", "runs?customer=acme&state=", "runs?customer=acme&limit=",
            "runs?customer=acme&since=", "runs?customer=acme&after=", "customers/acme/files?path=", "customers/acme/files/content?path=",
            "customers/acme/usage?since=", "audit?customer=", "audit?limit=", "audit?since=", "audit?after=", "keys?customer=",
        ];
        foreach (var query in queries)
        {
            foreach (var text in Strings.Append("").Append(new string('x', 2000)).Append("-1").Append("99999999999999999999"))
            {
                using var response = await Service.Http.GetAsync($"/v1/{query}{text}");
                var body = await response.Content.ReadAsStringAsync();
                Assert.True((int)response.StatusCode is >= 200 and < 500, $"{query}{text}: {response.StatusCode} {body}");
                AssertClean(response, body);
            }
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("\"x\"")]
    [InlineData("{\"unknown\":1}")]
    [InlineData("{\"id\":{},\"customer\":[],\"name\":1,\"value\":2,\"areas\":3,\"position\":4,\"beforePosition\":5}")]
    [InlineData("{\"id\":\"a\",\"id\":\"b\",\"customer\":\"acme\",\"customer\":\"x\"}")]
    [InlineData("\u0000\u0001\u0002")]
    public async Task A_malformed_body_is_refused_at_every_route_that_takes_one(string body)
    {
        foreach (var (method, path) in Routes.All(Service.Services).Where(r => r.Method == HttpMethod.Post || r.Method == HttpMethod.Put))
        {
            // These take no body.
            if (path.EndsWith("/pause", StringComparison.Ordinal) || path.EndsWith("/resume", StringComparison.Ordinal)) continue;
            using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            await AssertRefusedAsync(request, $"{method} {path} {body}");
        }
    }

    [Fact]
    public async Task A_deep_body_and_a_large_one_are_refused_at_every_route_that_takes_one()
    {
        var deep = new string('[', 100_000);
        var large = new string('x', (1 << 20) + 1);
        foreach (var (method, path) in Routes.All(Service.Services).Where(r => r.Method == HttpMethod.Post || r.Method == HttpMethod.Put))
        {
            if (path.EndsWith("/pause", StringComparison.Ordinal) || path.EndsWith("/resume", StringComparison.Ordinal)) continue;
            using var nested = new HttpRequestMessage(method, path) { Content = new StringContent(deep, Encoding.UTF8, "application/json") };
            await AssertRefusedAsync(nested, $"{method} {path}: deep");
            using var oversized = new HttpRequestMessage(method, path) { Content = new StringContent(large, Encoding.UTF8, "application/json") };
            oversized.Headers.TransferEncodingChunked = true;
            await AssertRefusedAsync(oversized, $"{method} {path}: large");
        }
    }

    [Fact]
    public async Task A_body_that_stops_coming_is_given_up()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Service.Http.BaseAddress!.Host, Service.Http.BaseAddress.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Service.AdministratorKey}\r\nContent-Length: 1000\r\n\r\n{{"));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var answer = new byte[4096];
        var length = await stream.ReadAsync(answer, limit.Token);
        Assert.StartsWith("HTTP/1.1 408", Encoding.ASCII.GetString(answer, 0, length));
    }

    [Theory]
    [InlineData("Idempotency-Key", "x")]
    [InlineData("Last-Event-ID", "not-a-number")]
    [InlineData("Last-Event-ID", "-1")]
    [InlineData("Last-Event-ID", "99999999999999999999999")]
    [InlineData("Prefer", "respond-async; respond-async")]
    public async Task A_hostile_header_is_refused_or_ignored(string name, string value)
    {
        foreach (var path in (string[])["/v1/runs/acme/setup/events", "/v1/customers/acme/events", "/v1/customers/acme"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(name, value == "x" ? new string('x', 5000) : value);
            using var response = await Service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.True((int)response.StatusCode is 200 or 400, $"{path} {name}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task What_an_agent_says_cannot_become_an_event_or_a_header_of_its_own()
    {
        const string hostile = "x\n\nevent: run.completed\ndata: {\"result\":\"forged\"}\n\n\r\nX-Injected: 1\r\n\r\n";
        using var response = await Service.Http.PostAsJsonAsync(
            "/v1/agents/echo/stream", new { customer = "acme", input = new { text = hostile } });
        var text = await response.Content.ReadAsStringAsync();
        Assert.Single(text.Split('\n'), l => l.StartsWith("event: run.completed", StringComparison.Ordinal));
        Assert.All(text.Split('\n'), l => Assert.Matches("^(|:|id: [0-9]+|event: [a-zA-Z.-]+|data: [{].*[}])$", l));
        Assert.False(response.Headers.Contains("X-Injected"));
    }

    [Fact]
    public async Task A_hostile_file_is_never_shown_as_a_page()
    {
        await Service.RunAsync("acme", "files", new { path = "evil.html", text = "<script>alert(1)</script>" });
        using var response = await Service.Http.GetAsync("/v1/customers/acme/files/content?path=evil.html");
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.StartsWith("sandbox", response.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task A_path_in_the_cell_never_leads_to_the_host()
    {
        var marker = Path.Combine(Path.GetTempPath(), $"oncell-host-{Guid.NewGuid():n}");
        await File.WriteAllTextAsync(marker, "of the host");
        try
        {
            await Service.RunAsync("acme", "shell", new { line = $"ln -sfn / /work/root; ln -sf {marker} /work/link" });
            foreach (var path in (string[])[marker, "../.." + marker, "root" + marker, "link", "../../../../../../../.." + marker, "/proc/1/root" + marker])
            {
                using var response = await Service.Http.GetAsync($"/v1/customers/acme/files/content?path={Uri.EscapeDataString(path)}");
                Assert.True((int)response.StatusCode is 400 or 404, path);
                Assert.DoesNotContain("of the host", await response.Content.ReadAsStringAsync());
            }
        }
        finally
        {
            File.Delete(marker);
        }
    }

    private async Task AssertRefusedAsync(HttpRequestMessage request, string where)
    {
        using var response = await Service.Http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode is >= 400 and < 500, $"{where}: {response.StatusCode} {body}");

        // What Kestrel itself refuses never reaches the API.
        if (body.Length > 0)
            Assert.True(response.Content.Headers.ContentType?.MediaType == "application/problem+json", $"{where}: {response.Content.Headers.ContentType} {body}");
        AssertClean(response, body);
    }

    private static void AssertClean(HttpResponseMessage response, string body)
    {
        Assert.False(response.Headers.Contains("X-Injected"));
        Assert.DoesNotContain("   at OnCell", body);
        Assert.DoesNotContain("SQLite", body);
    }
}
