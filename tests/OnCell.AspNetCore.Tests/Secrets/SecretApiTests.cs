using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OnCell.AspNetCore.Tests.Secrets;

/// <summary>A secret reaches the command that is given it, and shows nowhere.</summary>
public sealed class SecretApiTests(ServiceFixture fixture)
{
    private const string First = "first+value/4711";
    private const string Second = "second+value/4712";

    [Fact]
    public async Task A_secret_is_given_by_name_and_shows_in_no_journal_event_log_prompt_or_registry()
    {
        var log = new LogCapture();
        await using var service = await (await Service.StartAsync(null, null, b =>
        {
            b.AddAgent<TestAgent>().AddModel("test", _ => new Service.UpperCaseModel());
            b.Services.AddSingleton<ILoggerProvider>(log).AddLogging(l => l.SetMinimumLevel(LogLevel.Information));
        })).ReadyAsync();
        await service.CreateAsync("keeper");
        await SetAsync(service, "keeper", First);

        // The command sees the value: it can say its length, which nobody else knows.
        Assert.Equal("16", await RunAsync(service, "printf %s ${#TOKEN}"));
        Assert.Equal("[secret:TOKEN]", await RunAsync(service, "printf %s \"$TOKEN\""));
        Assert.StartsWith("[secret:TOKEN]", await RunAsync(service, "printf %s \"$TOKEN\" | base64 -w0"));
        Assert.Equal("[secret:TOKEN]", await RunAsync(service, $"printf '%s' '{First}' >&2"));
        Assert.Equal("[SECRET:TOKEN]", (await service.RunAsync("keeper", "ask", new { prompt = First }))!.GetValue<string>());
        using (var stream = await service.Http.PostAsJsonAsync("/v1/agents/withSecret/stream", new
        {
            customer = "keeper",
            input = new { command = "printf %s \"$TOKEN\" | head -c 5; sleep 0.2; printf %s \"$TOKEN\" | tail -c +6", secret = "TOKEN" },
        }))
        {
            var events = await stream.Content.ReadAsStringAsync();
            Assert.Contains("[secret:TOKEN]", events);
            Assert.DoesNotContain(First, events);
            Assert.DoesNotContain(First[5..], events);
        }

        // Rotated without restarting the cell.
        var woken = (await service.Http.GetFromJsonAsync<JsonObject>("/v1/customers/keeper"))!["changed"]!.ToString();
        Assert.Equal(2, (await SetAsync(service, "keeper", Second))["version"]!.GetValue<int>());
        Assert.Equal("17", await RunAsync(service, "printf %s ${#TOKEN}"));
        Assert.Equal(woken, (await service.Http.GetFromJsonAsync<JsonObject>("/v1/customers/keeper"))!["changed"]!.ToString());

        using var missing = await service.Http.PostAsJsonAsync(
            "/v1/agents/withSecret", new { customer = "keeper", input = new { command = "true", secret = "NONE" } });
        await AgentApiTests.AssertProblemAsync(missing, 500, "no secret \"NONE\"");

        Assert.NotEmpty(log.Lines);
        Assert.Contains(log.Lines, l => l.Contains("[secret:TOKEN]", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, Shows);
        var files = Directory.EnumerateFiles(service.DataRoot, "*.db*", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).ToList();
        Assert.Contains(files, f => f.EndsWith("journal.db", StringComparison.Ordinal));
        foreach (var file in files) Assert.False(Shows(await ReadAsync(file)), file);
        Assert.DoesNotContain("value", await service.Http.GetStringAsync("/v1/customers/keeper/secrets"));
    }

    [Fact]
    public async Task A_secret_rotated_under_a_running_command_does_not_disturb_its_reattachment()
    {
        var service = await (await Service.StartAsync()).ReadyAsync();
        try
        {
            await service.CreateAsync("rotor");
            await SetAsync(service, "rotor", First);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/agents/withSecret")
            {
                Content = JsonContent.Create(new { customer = "rotor", input = new { command = "for i in 1 2 3 4 5 6 7 8; do echo; sleep 0.5; done; printf %s ${#TOKEN}", secret = "TOKEN" } }),
            };
            request.Headers.Add("Prefer", "respond-async");
            using var started = await service.Http.SendAsync(request);
            var run = started.Headers.Location!.ToString();
            await service.WaitForEventAsync(run, "step.output");
            await SetAsync(service, "rotor", Second);
            var root = service.DataRoot;
            await service.StopAsync();
            service = await (await Service.StartAsync(root)).ReadyAsync();
            JsonObject ended;
            do ended = (await service.Http.GetFromJsonAsync<JsonObject>(run))!;
            while (ended["ended"] is null);
            Assert.Equal("completed", ended["state"]!.GetValue<string>());
            Assert.Equal("16", ended["result"]!.GetValue<string>().Trim());
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("PUT", "/v1/customers/acme/secrets/A-B", """{"value":"long-enough"}""", 400, "name")]
    [InlineData("PUT", "/v1/customers/acme/secrets/TOKEN", """{"value":"short"}""", 400, "value")]
    [InlineData("PUT", "/v1/customers/acme/secrets/TOKEN", """{}""", 400, "value")]
    [InlineData("PUT", "/v1/secrets/PATH", """{"value":"long-enough"}""", 400, "name")]
    [InlineData("DELETE", "/v1/customers/acme/secrets/NONE", null, 404, "name")]
    public async Task A_wrong_secret_is_refused_with_the_field(string method, string path, string? body, int status, string field)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body) };
        using var response = await fixture.Service.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(field, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["field"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_audit_log_tells_who_did_what_to_which_cell_and_cannot_be_changed()
    {
        var service = fixture.Service;
        using var manager = await service.ClientAsync("acme", "run", "manage");
        var actor = (await manager.GetFromJsonAsync<JsonObject>("/v1/me"))!["actor"]!.GetValue<string>();
        (await manager.PutAsJsonAsync("/v1/customers/acme/secrets/AUDITED", new { value = "never-in-the-audit-log" })).Dispose();
        (await manager.PostAsJsonAsync("/v1/agents/echo", new { customer = "acme", input = new { text = "x" } })).Dispose();
        (await manager.DeleteAsync("/v1/customers/rival/secrets/AUDITED")).Dispose();
        (await manager.DeleteAsync("/v1/customers/acme/secrets/AUDITED")).Dispose();

        var entries = (await service.Http.GetFromJsonAsync<JsonArray>($"/v1/audit?actor={actor}"))!;
        Assert.Equal(
            ["customers.secrets.set acme 200 name=AUDITED", "agents.run acme 200 method=echo",
             "customers.secrets.delete rival 404 name=AUDITED", "customers.secrets.delete acme 204 name=AUDITED"],
            entries.Select(e => $"{e!["action"]} {e["customer"]} {e["detail"]}"));

        using var all = await manager.GetAsync("/v1/audit");
        await AgentApiTests.AssertProblemAsync(all, 403, "?customer=ID");
        var own = (await manager.GetFromJsonAsync<JsonArray>("/v1/audit?customer=acme&limit=1000"))!;
        Assert.All(own, e => Assert.Equal("acme", e!["customer"]!.GetValue<string>()));

        var lines = (await service.Http.GetStringAsync($"/v1/audit/export?actor={actor}")).Trim().Split('\n');
        Assert.Equal(entries.Select(e => e!.ToJsonString()), lines.Select(l => JsonNode.Parse(l)!.ToJsonString()));
        Assert.DoesNotContain("never-in-the-audit-log", await service.Http.GetStringAsync("/v1/audit/export"));

        using var first = await service.Http.GetAsync($"/v1/audit?actor={actor}&limit=3");
        var next = first.Headers.GetValues("Link").Single().Split('<', '>')[1];
        Assert.Equal(entries[3]!.ToJsonString(), Assert.Single((await service.Http.GetFromJsonAsync<JsonArray>(next))!)!.ToJsonString());
    }

    private static bool Shows(string text) =>
        text.Contains(First, StringComparison.Ordinal) || text.Contains(Second, StringComparison.Ordinal)
        || text.Contains(First.Replace("+", "\\u002B", StringComparison.Ordinal), StringComparison.Ordinal)
        || text.Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes(First))[..20], StringComparison.Ordinal);

    private static async Task<string> RunAsync(Service service, string command) =>
        (await service.RunAsync("keeper", "withSecret", new { command, secret = "TOKEN" }))!.GetValue<string>();

    private static async Task<JsonObject> SetAsync(Service service, string customer, string value)
    {
        using var response = await service.Http.PutAsJsonAsync($"/v1/customers/{customer}/secrets/TOKEN", new { value });
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!.AsObject();
    }

    private static async Task<string> ReadAsync(string file)
    {
        await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(open, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    private sealed class LogCapture : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Lines.Enqueue(formatter(state, exception) + exception);
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
                foreach (var (name, value) in values) Lines.Enqueue($"{name}={value}");
        }

        public void Dispose()
        {
        }
    }
}
