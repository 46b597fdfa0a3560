using CodingSample;
using CodingSample.Models;
using Microsoft.Extensions.AI;

namespace OnCell.EndToEnd.Tests.Sample;

public sealed class RecordedModelTests : IDisposable
{
    private readonly string _ledgerPath = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "calls.jsonl");

    private static Transcript Recorded => Transcript.Load(Path.Combine(AppContext.BaseDirectory, "Transcripts", "sortedcontainers-pop-range.json"));

    public void Dispose()
    {
        if (Directory.Exists(Path.GetDirectoryName(_ledgerPath)))
            Directory.Delete(Path.GetDirectoryName(_ledgerPath)!, recursive: true);
    }

    [Fact]
    public async Task Answers_each_of_the_agents_prompts()
    {
        using IChatClient model = new RecordedChatClient(Recorded);
        var cancellation = TestContext.Current.CancellationToken;
        const string instruction = "Add a method pop_range";
        var none = new Dictionary<string, string>();

        var plan = await model.GetResponseAsync<Plan>(Prompts.Plan(instruction, ["a.py"]), cancellationToken: cancellation);
        var first = await model.GetResponseAsync<ChangeSet>(Prompts.Edit(instruction, plan.Result, none), cancellationToken: cancellation);
        var second = await model.GetResponseAsync<ChangeSet>(
            Prompts.Correct(instruction, first.Result, none, "FAILED test_pop_range"), cancellationToken: cancellation);

        Assert.Equal(4, plan.Result.Files.Count);
        Assert.Equal(5, first.Result.Edits.Count);
        Assert.Single(second.Result.Edits);
    }

    [Fact]
    public async Task Says_what_to_do_when_no_answer_fits()
    {
        using IChatClient model = new RecordedChatClient(Recorded);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => model.GetResponseAsync("Add dark mode", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("OPENAI_API_KEY", error.Message, StringComparison.Ordinal);
        Assert.Contains("sortedcontainers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pays_for_the_call_of_a_step_once_also_after_a_restart()
    {
        var first = await AskAsync("run/1/3", "hello");
        var second = await AskAsync("run/1/3", "hello");
        await AskAsync("run/1/4", "hello");

        Assert.Equal(first, second);
        var calls = CallLedger.Read(_ledgerPath);
        Assert.Equal([CallOutcome.Paid, CallOutcome.Deduplicated, CallOutcome.Paid], calls.Select(call => call.Outcome));
    }

    [Fact]
    public async Task Refuses_another_request_under_a_key_that_was_used()
    {
        await AskAsync("run/1/3", "hello");

        await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync("run/1/3", "goodbye"));
    }

    [Fact]
    public async Task Drops_a_line_that_a_crash_cut_off()
    {
        await AskAsync("run/1/3", "hello");
        await File.AppendAllTextAsync(_ledgerPath, "{\"time\":\"2026-", TestContext.Current.CancellationToken);

        Assert.Single(CallLedger.Read(_ledgerPath));
        await AskAsync("run/1/4", "hello");
        await AskAsync("run/1/5", "hello");
        Assert.Equal(3, CallLedger.Read(_ledgerPath).Count);
    }

    private async Task<string> AskAsync(string key, string question)
    {
        using var ledger = new CallLedger(_ledgerPath);
        using var model = new LedgerChatClient(new Echo(), ledger, TimeProvider.System);
        var options = new ChatOptions { AdditionalProperties = new() { [LedgerChatClient.StepKey] = key } };
        return (await model.GetResponseAsync(question, options, TestContext.Current.CancellationToken)).Text;
    }

    private sealed class Echo : IChatClient
    {
        private static int s_count;

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, $"answer {Interlocked.Increment(ref s_count)}")));

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
