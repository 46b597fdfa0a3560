using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace OnCell.Dashboard.Tests.Security;

/// <summary>Who may use the dashboard, for how long, and from where.</summary>
[Collection("one browser")]
public sealed class SessionTests(Fixture fixture)
{
    private Site Site => fixture.Site;

    [Fact]
    public async Task Without_a_session_the_page_is_empty_and_its_api_is_closed()
    {
        using var http = Anonymous();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/oncell/")).StatusCode);
        foreach (var path in (string[])["session", "api/cells", "api/live", "api/customers/acme/files", "api/cells/acme/git", "api/cells/acme/shell"])
        {
            using var response = await http.GetAsync($"/oncell/{path}");
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        using var wrong = await http.SendAsync(Post("/oncell/session", new { key = "oc_wrong" }));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.False(wrong.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task The_cookie_counts_for_the_dashboard_only_and_no_script_can_read_it()
    {
        using var http = Anonymous();
        using var answer = await http.SendAsync(Post("/oncell/session", new { key = Site.AdministratorKey }));
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/oncell", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Site.AdministratorKey, cookie);
        using var own = await http.SendAsync(With(cookie, HttpMethod.Get, "/oncell/api/cells"));
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        using var api = await http.SendAsync(With(cookie, HttpMethod.Get, "/v1/cells"));
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
    }

    [Fact]
    public async Task Another_site_can_change_nothing()
    {
        var cookie = await CookieAsync(Site.AdministratorKey);
        using var http = Anonymous();
        foreach (var header in (string[])["", "X-OnCell-Dashboard"])
        {
            using var request = With(cookie, HttpMethod.Post, "/oncell/api/customers/acme/pause");
            request.Headers.Add("Origin", "https://evil.example");
            if (header.Length > 0) request.Headers.Add(header, "1");
            using var response = await http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }

        using var bare = With(cookie, HttpMethod.Delete, "/oncell/api/customers/acme");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(bare)).StatusCode);
        using var read = With(cookie, HttpMethod.Get, "/oncell/api/cells");
        read.Headers.Add("Sec-Fetch-Site", "cross-site");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(read)).StatusCode);
        using var login = new HttpRequestMessage(HttpMethod.Post, "/oncell/session") { Content = JsonContent.Create(new { key = Site.AdministratorKey }) };
        login.Headers.Add("Origin", "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(login)).StatusCode);
    }

    [Fact]
    public async Task Another_site_gets_no_terminal()
    {
        var cookie = await CookieAsync(Site.AdministratorKey);
        foreach (var origin in (string?[])["https://evil.example", null])
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Cookie", cookie.Split(';')[0]);
            if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
            var error = await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(
                new Uri($"{Site.Address.Replace("http", "ws", StringComparison.Ordinal)}/oncell/api/cells/acme/shell"), TestContext.Current.CancellationToken));
            Assert.Contains("403", error.Message);
        }
    }

    [Fact]
    public async Task A_revoked_key_ends_its_sessions_and_a_customers_key_shows_that_customer_only()
    {
        await Site.CreateAsync("bound");
        var (id, text) = await Site.KeyAsync("bound's own", "bound", "run");
        var cookie = await CookieAsync(text);
        using var http = Anonymous();
        using (var list = await http.SendAsync(With(cookie, HttpMethod.Get, "/oncell/api/cells")))
        {
            var cells = JsonNode.Parse(await list.Content.ReadAsStringAsync())!.AsArray();
            Assert.Equal("bound", Assert.Single(cells)!["customer"]!.GetValue<string>());
        }

        foreach (var path in (string[])["cells/acme", "live?customer=acme", "customers/acme/files", "cells/acme/git", "cells/acme/shell", "runs?customer=acme"])
        {
            using var other = await http.SendAsync(With(cookie, HttpMethod.Get, $"/oncell/api/{path}"));
            Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        }

        using var forbidden = With(cookie, HttpMethod.Delete, "/oncell/api/customers/bound");
        forbidden.Headers.Add("X-OnCell-Dashboard", "1");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(forbidden)).StatusCode);
        (await Site.Http.DeleteAsync($"/v1/keys/{id}")).Dispose();
        using var after = await http.SendAsync(With(cookie, HttpMethod.Get, "/oncell/api/cells"));
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    private HttpClient Anonymous() => new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(Site.Address) };

    private async Task<string> CookieAsync(string key)
    {
        using var http = Anonymous();
        using var answer = await http.SendAsync(Post("/oncell/session", new { key }));
        return Assert.Single(answer.Headers.GetValues("Set-Cookie"));
    }

    private static HttpRequestMessage Post(string path, object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-OnCell-Dashboard", "1");
        return request;
    }

    private static HttpRequestMessage With(string cookie, HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        return request;
    }
}
