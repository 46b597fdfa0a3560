using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Core.Tests.Models.Wire;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Models.Runs;

/// <summary>Models in runs of real cells: what the provider saw and what the journal holds.</summary>
public sealed class ModelRunTests : IAsyncLifetime
{
    private const string Customer = "acme";

    private ProviderServer _server = null!;
    private TestHost _host = null!;
    private string _key = "sk-test-key";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ProviderServer.StartAsync();
        _host = await TestHost.StartAsync<ModelAgent>(
            o =>
            {
                var provider = WireLab.OpenAi(_server);
                provider.ApiKey = _key;
                o.Models = [provider];
            });
        await _host.CreateAsync(Customer);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_model_works_with_tools_in_the_cell_and_each_call_is_a_step()
    {
        _server.Then(OpenAiWire.Tools(("c1", "shell", """{"command":"echo hello > greeting; cat greeting"}"""), ("c2", "twice", """{"number":21}""")))
            .Then(OpenAiWire.Tools(("c3", "read_file", """{"path":"greeting"}"""), ("c4", "write_file", """{"path":"out.txt","text":"done"}""")))
            .Then(OpenAiWire.Text("all ", "done"));
        var run = await RunAsync("work", "please");
        Assert.Equal("\"all done|4|33|21\"", run.ResultJson);
        Assert.Equal(3, _server.Requests.Count);
        var results = ToolResults(_server.Requests.Last().Body);
        Assert.Equal(["exit code 0\nhello\n", "21 42", "hello\n", "(done)"], results);
        var steps = await StepsAsync(run);
        Assert.Equal(
            [("1", "shell"), ("2", "llm"), ("2.1", "llm.call"), ("2.2", "tool"), ("2.2.1", "shell"), ("2.3", "tool"), ("2.3.1", "shell"), ("2.3.2", "shell"),
             ("2.4", "llm.call"), ("2.5", "tool"), ("2.5.1", "file"), ("2.6", "tool"), ("2.6.1", "file"), ("2.7", "llm.call"), ("3", "shell")],
            steps.OrderBy(s => s.Position, StringComparer.Ordinal).Select(s => (s.Position, s.Kind)));
        var calls = steps.Where(s => s.Kind == "llm.call").ToList();
        Assert.Equal(_server.Requests.Count, calls.Count);
        Assert.All(calls, c => Assert.Equal(("11", "7", "18", "openai"),
            (c.Annotations["input_tokens"], c.Annotations["output_tokens"], c.Annotations["tokens"], c.Annotations["provider"])));
        Assert.Equal(3, _server.Requests.Select(r => r.Headers["Idempotency-Key"]).Distinct().Count());
    }

    [Fact]
    public async Task A_restart_in_the_middle_of_a_tool_repeats_neither_the_model_nor_the_tool()
    {
        _server.Then(OpenAiWire.Tools(("c1", "shell", """{"command":"echo tool >> marks; while [ ! -e go ]; do sleep 0.05; done; echo end >> marks"}""")))
            .Then(OpenAiWire.Text("finished"));
        var run = await StartAsync("work", "please");
        await TestHost.WaitForAsync(() => Task.FromResult(File.Exists(Marks) && File.ReadAllText(Marks).Contains("tool", StringComparison.Ordinal)));
        await _host.StopAsync();
        await _host.StartAsync();
        await _host.WriteAsync(Customer, "go");
        Assert.StartsWith("\"finished|1", (await EndAsync(run)).ResultJson);
        Assert.Equal("before\ntool\nend\nafter\n", await File.ReadAllTextAsync(Marks, Ct));
        Assert.Equal(2, _server.Requests.Count);
        Assert.Contains(await StepsAsync(run), s => s is { Kind: "shell", Reattached: true });
    }

    [Fact]
    public async Task A_cell_that_dies_under_a_tool_is_no_result_that_the_model_hears_of()
    {
        _server.Then(OpenAiWire.Tools(("c1", "shell", """{"command":"echo tool >> marks; while [ ! -e go ]; do sleep 0.05; done; echo end"}""")))
            .Then(OpenAiWire.Text("finished"));
        var run = await StartAsync("work", "please");
        await TestHost.WaitForAsync(() => Task.FromResult(File.Exists(Marks) && File.ReadAllText(Marks).Contains("tool", StringComparison.Ordinal)));
        _host.KillSandbox(Customer);
        await TestHost.WaitForAsync(() => Task.FromResult(File.Exists(Marks) && File.ReadAllLines(Marks).Count(l => l == "tool") == 2));
        await _host.WriteAsync(Customer, "go");
        Assert.StartsWith("\"finished|1", (await EndAsync(run)).ResultJson);
        Assert.Equal(["exit code 0\nend\n"], ToolResults(_server.Requests.Last().Body));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task What_is_wrong_with_a_tool_call_is_told_to_the_model()
    {
        _server.Then(OpenAiWire.Tools(
                ("c1", "twice", """{"number":"many"}"""), ("c2", "twice", "{}"), ("c3", "rm_rf", "{}"), ("c4", "never", "{}"), ("c5", "twice", "{\"number\":")))
            .Then(OpenAiWire.Text("understood"));
        Assert.Equal("\"understood\"", (await RunAsync("bad", "please")).ResultJson);
        var results = ToolResults(_server.Requests.Last().Body);
        Assert.Contains("do not fit", results[0]);
        Assert.Contains("number", results[1]);
        Assert.Contains("no tool \"rm_rf\". The tools: shell, never, twice", results[2]);
        Assert.Contains("did not answer within 00:00:00.3", results[3]);
        Assert.StartsWith("Error", results[4]);
    }

    [Fact]
    public async Task A_model_that_only_asks_for_tools_is_stopped_with_the_setting()
    {
        _server.Otherwise = OpenAiWire.Tools(("c1", "twice", """{"number":1}"""));
        var run = await RunAsync("endless", "please");
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("MaxToolRounds", run.Error!.Message);
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public async Task A_provider_that_was_down_is_asked_again_and_each_try_is_in_the_journal()
    {
        _server.ThenError(500, "down").Then(OpenAiWire.Cut(abort: true)).Then(OpenAiWire.Text("back"));
        var run = await RunAsync("ask", "hi");
        Assert.Equal("\"back\"", run.ResultJson);
        Assert.Equal(3, Assert.Single(await StepsAsync(run)).Attempts);
        Assert.Single(_server.Requests.Select(r => r.Headers["Idempotency-Key"]).Distinct());
    }

    [Fact]
    public async Task After_a_refused_key_the_run_goes_on_from_the_failed_call_once_the_key_is_right()
    {
        _server.Then(OpenAiWire.Tools(("c1", "shell", """{"command":"echo tool >> marks"}"""))).ThenError(401, OpenAiWire.Unauthorized);
        var failed = await RunAsync("work", "please");
        Assert.Equal(RunState.Failed, failed.State);
        Assert.Contains("ApiKey", failed.Error!.Message);
        Assert.DoesNotContain("sk-test-key", failed.Error.ToString());

        _key = "sk-right-key";
        await _host.StopAsync();
        await _host.StartAsync();
        _server.Then(OpenAiWire.Tools(("c1", "shell", """{"command":"echo again >> marks"}"""))).Then(OpenAiWire.Text("now"));
        var position = (await StepsAsync(failed)).Single(s => s is { Kind: "llm" }).Position;
        var fork = await _host.Cells.ForkRunAsync(Customer, failed.Id, position, null, Ct);
        Assert.StartsWith("\"now|1", (await EndAsync(fork)).ResultJson);
        Assert.Equal("before\ntool\nagain\nafter\n", await File.ReadAllTextAsync(Marks, Ct));
        Assert.Equal("Bearer sk-right-key", _server.Requests.Last().Headers["Authorization"]);
    }

    [Fact]
    public async Task An_answer_of_the_wrong_form_is_asked_for_again_and_a_cut_one_is_said()
    {
        _server.Then(OpenAiWire.Text("I think it is in a.cs")).Then(OpenAiWire.Text("```json\n{\"path\":\"a.cs\",\"line\":7}\n```"));
        var run = await RunAsync("find", "where?");
        Assert.Equal("""{"path":"a.cs","line":7}""", run.ResultJson);
        Assert.Equal("json_schema", (string)_server.Requests.First().Body["response_format"]!["type"]!);
        Assert.Equal(2, (await StepsAsync(run)).Count);
        _server.Then((context, _) => OpenAiWire.StreamAsync(context, [OpenAiWire.Chunk(new JsonObject { ["content"] = "{\"path\":\"a" }, "length")]));
        Assert.Contains("MaxOutputTokens", (await RunAsync("find", "again?")).Error!.Message);
    }

    [Fact]
    public async Task The_text_streams_to_the_runs_events_and_who_comes_late_or_again_has_it_all()
    {
        var first = new TaskCompletionSource();
        var rest = new TaskCompletionSource();
        _server.Then(async (HttpContext context, JsonNode _) =>
        {
            context.Response.ContentType = "text/event-stream";
            async Task WriteAsync(JsonObject chunk)
            {
                await context.Response.WriteAsync($"data: {chunk.ToJsonString()}\n\n");
                await context.Response.Body.FlushAsync();
            }

            await WriteAsync(OpenAiWire.Chunk(new JsonObject { ["content"] = "one " }));
            await first.Task;
            await WriteAsync(OpenAiWire.Chunk(new JsonObject { ["content"] = "two " }));
            await rest.Task;
            await WriteAsync(OpenAiWire.Chunk(new JsonObject { ["content"] = "three" }, "stop"));
        });
        var (run, early) = await _host.Cells.StartAndStreamRunAsync(Customer, "ask", new JsonObject { ["prompt"] = "count" }, null, Ct);
        var heard = new Text();
        var reading = heard.ReadAsync(early, _ => first.TrySetResult());
        await TestHost.WaitForAsync(() => Task.FromResult(heard.Whole == "one two "));
        var after = heard.LastSequence;

        // As after a broken connection, with the id of the last event that was stored.
        var late = new Text();
        await late.ReadAsync(_host.Cells.StreamRunAsync(Customer, run.Id, after, Ct), _ => rest.TrySetResult());
        await reading;
        Assert.Equal("one two three", heard.Whole);
        Assert.Equal("one two three", late.Whole);
        Assert.True(late.FirstSequence is null || late.FirstSequence > after);
    }

    [Fact]
    public async Task A_secret_is_in_no_prompt_and_in_no_journal()
    {
        const string secret = "hunter2xyz-Kq8vR3mZ";
        await _host.Services.GetRequiredService<ISecretManager>().SetAsync(Customer, "DB_PASSWORD", secret, Ct);
        _server.Then(OpenAiWire.Tools(("c1", "shell", """{"command":"printf 'found %s%s' hunter2xyz -Kq8vR3mZ"}"""))).Then(OpenAiWire.Text("ok"));
        Assert.Equal(RunState.Completed, (await RunAsync("work", $"the password is {secret}")).State);
        Assert.Equal(2, _server.Requests.Count);
        Assert.DoesNotContain(_server.Requests, r => r.Body.ToJsonString().Contains(secret, StringComparison.Ordinal));
        Assert.Contains("the password is [secret:DB_PASSWORD]", _server.Requests.First().Body.ToJsonString());
        Assert.Contains("found [secret:DB_PASSWORD]", ToolResults(_server.Requests.Last().Body)[0]);
    }

    private string Marks => Path.Combine(_host.DataRoot, "cells", Customer, "volume", "work", "marks");

    private static List<string> ToolResults(JsonNode request) =>
        [.. request["messages"]!.AsArray().Where(m => (string)m!["role"]! == "tool").Select(m => (string)m!["content"]!)];

    private Task<RunInfo> StartAsync(string method, string prompt) =>
        _host.Cells.StartRunAsync(Customer, method, new JsonObject { ["prompt"] = prompt }, null, Ct);

    private Task<RunInfo> EndAsync(RunInfo run) => _host.Cells.WaitRunAsync(Customer, run.Id, Ct);

    private async Task<RunInfo> RunAsync(string method, string prompt) => await EndAsync(await StartAsync(method, prompt));

    private Task<IReadOnlyList<StepInfo>> StepsAsync(RunInfo run) => _host.Cells.ListStepsAsync(Customer, run.Id, Ct);

    /// <summary>Puts the pieces at their offsets, as a client does.</summary>
    private sealed class Text
    {
        public string Whole { get; private set; } = "";

        public long? FirstSequence { get; private set; }

        public long LastSequence { get; private set; }

        public async Task ReadAsync(IAsyncEnumerable<RunEvent> events, Action<string> onText)
        {
            await foreach (var e in events)
            {
                FirstSequence ??= e.Sequence;
                LastSequence = e.Sequence ?? LastSequence;
                if (e.Type != "llm.text") continue;
                Whole = Whole[..(int)e.Data["offset"]!] + (string)e.Data["text"]!;
                onText(Whole);
            }
        }
    }
}
