using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace OnCell.AspNetCore.Tests.Mcp;

/// <summary>The official client lists and calls the tools of a real cell.</summary>
public sealed class McpTests(ServiceFixture fixture)
{
    private Service Service => fixture.Service;

    [Fact]
    public async Task The_official_client_lists_and_calls_the_tools_of_a_cell()
    {
        using var http = await Service.ClientAsync("acme", "run");
        await using var client = await ConnectAsync(http, "acme");
        Assert.Equal(
            ["list_files", "read_file", "run_tests", "search", "shell", "write_file"],
            (await client.ListToolsAsync()).Select(t => t.Name).Order(StringComparer.Ordinal));

        Assert.Equal("done", await CallAsync(client, "write_file", new() { ["path"] = "mcp/Greeter.cs", ["text"] = "class Greeter { void SayHelloFromMcp() {} }" }));
        Assert.Contains("SayHelloFromMcp", await CallAsync(client, "read_file", new() { ["path"] = "mcp/Greeter.cs" }));
        Assert.Contains("Greeter.cs", await CallAsync(client, "list_files", new() { ["path"] = "mcp" }));
        Assert.Contains("Greeter.cs", await CallAsync(client, "search", new() { ["query"] = "SayHelloFromMcp" }));
        var shell = JsonNode.Parse(await CallAsync(client, "shell", new() { ["command"] = "echo out; echo err >&2; exit 3" }))!;
        Assert.Equal(("out\n", "err\n", 3), (shell["stdout"]!.GetValue<string>(), shell["stderr"]!.GetValue<string>(), shell["exitCode"]!.GetValue<int>()));

        // Each call is a run in the journal and an entry in the audit log.
        var runs = (await Service.Http.GetFromJsonAsync<JsonArray>("/v1/runs?customer=acme&method=tool.shell"))!;
        Assert.NotEmpty(runs);
        var actor = (await http.GetFromJsonAsync<JsonObject>("/v1/me"))!["actor"]!.GetValue<string>();
        var audit = (await Service.Http.GetFromJsonAsync<JsonArray>($"/v1/audit?actor={actor}&action=mcp.shell"))!;
        Assert.Equal("acme", Assert.Single(audit)!["customer"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_projects_tests_are_run_by_the_customers_setting()
    {
        using var made = await Service.Http.PostAsJsonAsync("/v1/customers", new { id = "tested", config = new { testCommand = "echo 2 passed, 1 failed; exit 1" } });
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        using var http = await Service.ClientAsync("tested", "run");
        await using var client = await ConnectAsync(http, "tested");
        var tests = JsonNode.Parse(await CallAsync(client, "run_tests", []))!;
        Assert.Equal(("2 passed, 1 failed\n", 1), (tests["stdout"]!.GetValue<string>(), tests["exitCode"]!.GetValue<int>()));
        using var other = await Service.ClientAsync("acme", "run");
        await using var without = await ConnectAsync(other, "acme");
        var answer = await without.CallToolAsync("run_tests", new Dictionary<string, object?>());
        Assert.True(answer.IsError);
        Assert.Contains("testCommand", answer.Content.OfType<TextContentBlock>().Single().Text);
        Assert.True((await Service.Http.DeleteAsync("/v1/customers/tested")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_wrong_argument_is_told_to_the_model()
    {
        using var http = await Service.ClientAsync("acme", "run");
        await using var client = await ConnectAsync(http, "acme");
        var answer = await client.CallToolAsync("read_file", new Dictionary<string, object?> { ["path"] = "no/such/file" });
        Assert.True(answer.IsError);
        Assert.Contains("no file", answer.Content.OfType<TextContentBlock>().Single().Text);
    }

    [Theory]
    [InlineData(null, "acme", HttpStatusCode.Unauthorized)]
    [InlineData("run", "rival", HttpStatusCode.Forbidden)]
    [InlineData("manage", "acme", HttpStatusCode.Forbidden)]
    public async Task Without_the_right_nobody_gets_in(string? area, string customer, HttpStatusCode status)
    {
        using var http = area is null ? Service.Client(null) : await Service.ClientAsync("acme", area);
        using var response = await http.PostAsJsonAsync($"/mcp/{customer}", new { jsonrpc = "2.0", id = 1, method = "tools/list" });
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task A_tool_is_no_method_of_the_agent()
    {
        using var response = await Service.Http.PostAsJsonAsync(
            "/v1/agents/tool.shell", new { customer = "acme", input = new { command = "id" } });
        await AgentApiTests.AssertProblemAsync(response, 404, "has no method \"tool.shell\"");
    }

    [Fact]
    public void MapOnCellMcp_says_what_to_add()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddOnCell().AddLoopbackAccess();
        Assert.Contains("AddMcp", Assert.Throws<InvalidOperationException>(() => builder.Build().MapOnCellMcp()).Message);
    }

    private static Task<McpClient> ConnectAsync(HttpClient http, string customer) => McpClient.CreateAsync(new HttpClientTransport(
        new HttpClientTransportOptions { Endpoint = new Uri(http.BaseAddress!, $"/mcp/{customer}"), TransportMode = HttpTransportMode.StreamableHttp }, http));

    private static async Task<string> CallAsync(McpClient client, string tool, Dictionary<string, object?> arguments)
    {
        var answer = await client.CallToolAsync(tool, arguments);
        var text = answer.Content.OfType<TextContentBlock>().Single().Text;
        Assert.False(answer.IsError ?? false, text);
        return text;
    }
}
