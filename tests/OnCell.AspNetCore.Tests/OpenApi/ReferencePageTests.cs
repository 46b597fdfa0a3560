using System.Net;
using System.Text.RegularExpressions;

namespace OnCell.AspNetCore.Tests.OpenApi;

/// <summary>The page over the OpenAPI document: for developers, who may call, and from this service alone.</summary>
public sealed partial class ReferencePageTests
{
    [Fact]
    public async Task In_development_those_who_may_call_get_a_page_that_needs_no_other_address()
    {
        await using var app = await RoutesApp.StartAsync("Development");
        using var http = app.NewClient();
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/v1/reference/")).StatusCode);
        http.DefaultRequestHeaders.Authorization = new("Bearer", Service.AdministratorKey);
        using var page = await http.GetAsync("/v1/reference/");
        var html = await page.Content.ReadAsStringAsync();
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Contains("connect-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("//", html.Replace("http://localhost", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var scripts = Script().Matches(html).Select(m => new Uri(new Uri("http://localhost/v1/reference/"), m.Groups[1].Value)).ToArray();
        Assert.NotEmpty(scripts);
        var document = new Uri(new Uri("http://localhost/"), Document().Match(html).Groups[1].Value); // as its script finds it
        foreach (var part in scripts.Append(document))
        {
            using var served = await http.GetAsync(part);
            Assert.True(served.IsSuccessStatusCode, $"{part}: {served.StatusCode}");
        }
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public async Task Elsewhere_there_is_none(string environment)
    {
        await using var app = await RoutesApp.StartAsync(environment);
        using var http = app.NewClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", Service.AdministratorKey);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/v1/reference/")).StatusCode);
    }

    [GeneratedRegex("""url":"([^"]+)""")]
    private static partial Regex Document();

    [GeneratedRegex("""<script[^>]*\bsrc="([^"]+)""")]
    private static partial Regex Script();
}
