using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Core.Tests.Models.Runs;
using OnCell.Core.Tests.Models.Wire;
using OnCell.Journaling;
using OnCell.Tests;

namespace OnCell.Core.Tests.Models.Local;

/// <summary>TinyLlama's real weights in llama.cpp's server in a sandbox of its own, asked by cells that may reach nothing else.</summary>
public sealed class LocalModelTests : IAsyncLifetime
{
    private ProviderServer _outside = null!;
    private TestHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var weights = await EngScript.FetchChatModelAsync(Ct);
        _outside = await ProviderServer.StartAsync();
        _host = await TestHost.StartAsync<AirGappedAgent>(
            o => o.Models = [WireLab.OpenAi(_outside)],
            b => b.AddLocalModel("tiny", m =>
            {
                m.Weights = weights;
                m.ContextTokens = 512;
                m.BuiltInTemplate = true; // its own template is older than answers by a schema
            }));
        await _host.CreateAsync("one");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _outside.DisposeAsync();
    }

    [Fact]
    public async Task An_air_gapped_cell_has_answers_and_nothing_leaves()
    {
        Assert.Matches("[a-z]{3}", Text(await RunAsync("one", "short", new() { ["prompt"] = "What is the capital of France?" })));

        // An answer of a form is held to it by the server's grammar, whatever the model would rather say.
        var found = JsonNode.Parse((await RunAsync("one", "findLocal", new() { ["prompt"] = "The file is main.c and the line is 7." })).ResultJson!)!;
        Assert.NotNull(found["path"]);
        Assert.Equal(System.Text.Json.JsonValueKind.Number, found["line"]!.GetValueKind());

        // Another model is refused before a byte leaves, and so is every address.
        var started = await _host.Cells.StartRunAsync("one", "askFor", new() { ["prompt"] = "hi", ["model"] = "openai" }, null, Ct);
        var refused = await _host.Cells.WaitRunAsync("one", started.Id, Ct);
        Assert.Equal(RunState.Failed, refused.State);
        Assert.Contains("air-gapped", refused.Error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("b'", Text(await RunAsync("one", "fetch", new() { ["address"] = new Uri(_outside.Address, "v1").ToString() })), StringComparison.Ordinal);
        Assert.Empty(_outside.Requests);
        Assert.DoesNotContain(await _host.Cells.ListEgressAsync("one", Ct), e => e.Allowed);
    }

    [Fact]
    public async Task A_server_killed_in_the_middle_of_an_answer_is_started_anew_and_the_step_is_tried_again()
    {
        var (run, events) = await _host.Cells.StartAndStreamRunAsync("one", "long", new() { ["prompt"] = "Tell me a story." }, null, Ct);
        await foreach (var e in events.WithCancellation(Ct))
        {
            if (e.Type == "llm.text") break;
        }

        _host.KillModelServer("tiny");
        var ended = await _host.Cells.WaitRunAsync("one", run.Id, Ct);
        Assert.True(ended.State == RunState.Completed, $"{ended.State}: {ended.Error}");
        Assert.Equal(2, Assert.Single(await _host.Cells.ListStepsAsync("one", run.Id, Ct)).Attempts);
    }

    [Fact]
    public async Task Cells_that_ask_at_once_wait_in_turn()
    {
        await _host.CreateAsync("two");
        await _host.CreateAsync("three");
        var runs = await Task.WhenAll(new[] { "one", "two", "three" }.Select(c => RunAsync(c, "short", new() { ["prompt"] = "Count to five." })));
        Assert.All(runs, run => Assert.NotEmpty(Text(run)));
    }

    private static string Text(RunInfo run) => JsonNode.Parse(run.ResultJson!)!.GetValue<string>();

    private async Task<RunInfo> RunAsync(string customer, string method, JsonObject input)
    {
        var started = await _host.Cells.StartRunAsync(customer, method, input, null, Ct);
        var run = await _host.Cells.WaitRunAsync(customer, started.Id, Ct);
        Assert.True(run.State == RunState.Completed, $"{run.State}: {run.Error}");
        return run;
    }
}
