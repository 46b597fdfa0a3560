using System.Text.Json;
using System.Text.Json.Nodes;
using OnCell.Tests;

namespace OnCell.AspNetCore.Tests.OpenApi;

/// <summary>docs/openapi.json is what the routes say, and says enough for a client to be made from it.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task The_checked_in_document_is_what_the_routes_say()
    {
        var document = await GenerateAsync();
        var path = Repository.PathOf("docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("ONCELL_UPDATE_OPENAPI") == "1") await File.WriteAllTextAsync(path, document);
        Assert.True(
            await File.ReadAllTextAsync(path) == document,
            "docs/openapi.json differs from the routes: run this test with ONCELL_UPDATE_OPENAPI=1, and look at the change.");
    }

    [Fact]
    public async Task The_service_serves_the_document_to_those_who_may_call()
    {
        await using var app = await RoutesApp.StartAsync();
        using var http = app.NewClient();
        using var closed = await http.GetAsync("/v1/openapi.json");
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, closed.StatusCode);
        http.DefaultRequestHeaders.Authorization = new("Bearer", Service.AdministratorKey);
        var served = await http.GetStringAsync("/v1/openapi.json");
        Assert.Equal(await File.ReadAllTextAsync(Repository.PathOf("docs", "openapi.json")), served);
    }

    [Fact]
    public async Task Every_operation_has_an_id_a_summary_answers_and_bodies_with_named_fields()
    {
        var document = JsonNode.Parse(await GenerateAsync())!;
        Assert.StartsWith("3.1", document["openapi"]!.GetValue<string>());
        var ids = new HashSet<string>();
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
            {
                var where = $"{method} {path}";
                Assert.True(ids.Add(operation!["operationId"]?.GetValue<string>() ?? ""), where + ": no operationId of its own");
                Assert.False(string.IsNullOrEmpty(operation["summary"]?.GetValue<string>()), where + ": no summary");
                Assert.True(operation["responses"]!.AsObject().Any(r => r.Key[0] == '2'), where + ": no success");
                Assert.True(operation["responses"]!.AsObject().ContainsKey("401"), where + ": no 401");
                foreach (var part in path.Split('/').Where(p => p.StartsWith('{')).Select(p => p.Replace("*", "", StringComparison.Ordinal)))
                    Assert.Contains(operation["parameters"]!.AsArray(), p => p!["name"]!.GetValue<string>() == part.Trim('{', '}'));
            }
        }
    }

    private static async Task<string> GenerateAsync()
    {
        await using var app = await RoutesApp.StartAsync();
        using var http = app.NewClient();
        var text = await http.GetStringAsync("/generated/v1.json");
        return JsonSerializer.Serialize(JsonNode.Parse(text), Indented) + "\n";
    }

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
