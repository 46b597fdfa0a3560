using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace OnCell.AspNetCore.Tests.Access;

/// <summary>Who may call what: no key, another customer's key, a key without the area.</summary>
public sealed class AccessTests(ServiceFixture fixture)
{
    private Service Service => fixture.Service;

    [Fact]
    public void MapOnCell_refuses_where_nothing_says_who_may_call()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddOnCell();
        var app = builder.Build();
        Assert.Contains("AddApiKeys", Assert.Throws<InvalidOperationException>(() => app.MapOnCell()).Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("oc_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("administrator-of-the-tests-012345678X")]
    public async Task Without_a_good_key_every_route_is_closed(string? key)
    {
        using var http = Service.Client(null);
        if (key is not null) http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        foreach (var (method, path) in Routes.All(Service.Services))
        {
            using var response = await http.SendAsync(new HttpRequestMessage(method, path));
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path}: {response.StatusCode}");
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.NotEmpty(response.Headers.WwwAuthenticate);
        }
    }

    [Fact]
    public async Task A_customers_key_reaches_only_its_customer()
    {
        using var http = await Service.ClientAsync("acme", "run", "manage");
        await Service.CreateAsync("rival");
        foreach (var (method, path) in Routes.All(Service.Services).Where(r => r.Path.Contains("/acme", StringComparison.Ordinal)))
        {
            using var response = await http.SendAsync(new HttpRequestMessage(method, path.Replace("/acme", "/rival", StringComparison.Ordinal)));
            await AgentApiTests.AssertProblemAsync(response, 404, "There is no customer \"rival\"");
        }

        Assert.Equal("acme", Assert.Single((await http.GetFromJsonAsync<JsonArray>("/v1/customers"))!)!["customer"]!.GetValue<string>());
        using var run = await http.PostAsJsonAsync("/v1/agents/echo", new { customer = "rival", input = new { text = "x" } });
        await AgentApiTests.AssertProblemAsync(run, 404, "There is no customer \"rival\"");
        using var listed = await http.GetAsync("/v1/runs?customer=rival");
        await AgentApiTests.AssertProblemAsync(listed, 404, "There is no customer \"rival\"");
        using var made = await http.PostAsJsonAsync("/v1/customers", new { id = "third" });
        await AgentApiTests.AssertProblemAsync(made, 403, "access to all customers");
        using var own = await http.PostAsJsonAsync("/v1/agents/echo", new { customer = "acme", input = new { text = "x" } });
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        (await Service.Http.DeleteAsync("/v1/customers/rival")).Dispose();
    }

    [Theory]
    [InlineData("run", "GET /v1/customers", "POST /v1/customers", "GET /v1/keys", "POST /v1/keys")]
    [InlineData("manage", "DELETE /v1/customers/nobody", "GET /v1/customers", "POST /v1/keys")]
    [InlineData("deploy", "GET /v1/keys", "POST /v1/customers", "GET /v1/runs?customer=acme")]
    public async Task An_area_opens_its_routes_and_no_others(string area, string open, params string[] closed)
    {
        using var http = await Service.ClientAsync(null, area);
        Assert.NotEqual(HttpStatusCode.Forbidden, await StatusAsync(open));
        foreach (var route in closed) Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(route));

        async Task<HttpStatusCode> StatusAsync(string route)
        {
            var parts = route.Split(' ');
            using var response = await http.SendAsync(new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]));
            Assert.True(response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType == "application/problem+json", route);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_revoked_key_a_deleted_customers_key_and_an_expired_one_are_none()
    {
        using var revoked = await Service.ClientAsync(null, "run");
        var me = (await revoked.GetFromJsonAsync<JsonObject>("/v1/me"))!;
        using var deleted = await Service.Http.DeleteAsync($"/v1/keys/{me["actor"]!.GetValue<string>().Split(':')[1]}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await revoked.GetAsync("/v1/me")).StatusCode);

        await Service.CreateAsync("gone");
        using var gone = await Service.ClientAsync("gone", "run");
        (await Service.Http.DeleteAsync("/v1/customers/gone")).Dispose();
        Assert.Equal(HttpStatusCode.Unauthorized, (await gone.GetAsync("/v1/me")).StatusCode);

        using var expired = await Service.Http.PostAsJsonAsync(
            "/v1/keys", new { name = "x", areas = new[] { "run" }, expires = "2020-01-01T00:00:00Z" });
        await AgentApiTests.AssertProblemAsync(expired, 400, "in the past");
    }

    [Theory]
    [InlineData("""{"areas":["run"]}""", "name")]
    [InlineData("""{"name":"x"}""", "areas")]
    [InlineData("""{"name":"x","areas":["root"]}""", "areas")]
    [InlineData("""{"name":"x","customer":"acme","areas":["deploy"]}""", "areas")]
    [InlineData("""{"name":"x\u0000","areas":["run"]}""", "name")]
    [InlineData("""{"name":"x","areas":["run"],"role":"root"}""", "role")]
    public async Task A_wrong_key_request_names_the_field(string body, string field)
    {
        using var response = await Service.Http.PostAsync("/v1/keys", new StringContent(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["field"]?.GetValue<string>());
    }

    [Fact]
    public async Task No_key_lies_readable_in_the_registry()
    {
        using var http = await Service.ClientAsync(null, "run");
        var text = http.DefaultRequestHeaders.Authorization!.Parameter!;
        foreach (var file in Directory.EnumerateFiles(Service.DataRoot, "oncell.db*"))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(open, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(text.Split('_', 3)[2], await reader.ReadToEndAsync());
        }
    }
}
