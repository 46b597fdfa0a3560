using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.LLamaSharp.InProcess;
using OnCell.Tests;

namespace OnCell.LLamaSharp.Tests.InProcess;

/// <summary>TinyLlama's real weights in this process, loaded once for all these tests.</summary>
public sealed class LLamaSharpModelTests(LLamaSharpModelTests.Loaded loaded) : IClassFixture<LLamaSharpModelTests.Loaded>
{
    private IChatClient Model => loaded.Client;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_and_counts_its_tokens()
    {
        var answer = await Model.GetResponseAsync("What is the capital of France?", new ChatOptions { MaxOutputTokens = 16, Temperature = 0 }, Ct);
        Assert.Contains("Paris", answer.Text, StringComparison.Ordinal);
        Assert.InRange(answer.Usage!.InputTokenCount!.Value, 10, 60);
        Assert.InRange(answer.Usage.OutputTokenCount!.Value, 1, 16);
        Assert.Contains(answer.FinishReason, new ChatFinishReason?[] { ChatFinishReason.Stop, ChatFinishReason.Length });
    }

    [Fact]
    public async Task It_streams_piece_by_piece_and_ends_at_the_limit()
    {
        var updates = await Model.GetStreamingResponseAsync("Count to twenty.", new ChatOptions { MaxOutputTokens = 8, Temperature = 0 }, Ct).ToListAsync(Ct);
        Assert.True(updates.Count(u => u.Text.Length > 0) > 3, $"{updates.Count} updates");
        Assert.Equal(ChatFinishReason.Length, updates[^1].FinishReason);
        Assert.Equal(8, updates.ToChatResponse().Usage!.OutputTokenCount);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"path":{"type":"string"},"line":{"type":"integer"},"kind":{"enum":["a\"b","bug"]}},"required":["path","line","kind"]}""")]
    [InlineData("""{"type":"array","items":{"type":"object","properties":{"n":{"type":["integer","null"]},"ok":{"type":"boolean"}}},"minItems":1,"maxItems":2}""")]
    [InlineData("""{"$ref":"#/$defs/t","$defs":{"t":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/t"}]}},"required":["v","next"]}}}""")]
    public async Task An_answer_of_a_form_is_held_to_it(string schema)
    {
        using var form = JsonDocument.Parse(schema);
        var options = new ChatOptions { MaxOutputTokens = 40, Temperature = 0, ResponseFormat = ChatResponseFormat.ForJsonSchema(form.RootElement) };
        var answer = await Model.GetResponseAsync("The file is main.c and the line is 7. Tell me a story about it.", options, Ct);
        if (answer.FinishReason == ChatFinishReason.Stop)
        {
            using var read = JsonDocument.Parse(answer.Text);
            var found = read.RootElement;
            Assert.Equal(schema.Contains("\"array\"", StringComparison.Ordinal) ? JsonValueKind.Array : JsonValueKind.Object, found.ValueKind);
            if (found.ValueKind == JsonValueKind.Object)
                Assert.Contains(found.EnumerateObject().First().Name, new[] { "path", "v" });
        }
        else
        {
            // Cut at the limit, it is still the beginning of such an answer.
            Assert.Matches(@"\A ?(\{ ?""(path|v)"": ?|\[)", answer.Text);
        }
    }

    [Fact]
    public async Task A_cancelled_answer_ends_in_the_middle_and_the_next_one_is_not_disturbed()
    {
        var expected = await AskAsync("Name a colour.");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var pieces = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in Model.GetStreamingResponseAsync("Tell me a very long story.", new ChatOptions { Temperature = 0 }, cancel.Token))
            {
                if (++pieces == 3) await cancel.CancelAsync();
            }
        });
        Assert.Equal(3, pieces);
        Assert.Equal(expected, await AskAsync("Name a colour."));
    }

    [Fact]
    public async Task Four_callers_at_once_have_the_answers_that_each_has_alone()
    {
        string[] prompts = ["Name a colour.", "Name an animal.", "What is 2 + 2?", "Say hello."];
        var alone = new List<string>();
        foreach (var prompt in prompts) alone.Add(await AskAsync(prompt));
        Assert.Equal(alone, await Task.WhenAll(prompts.Select(AskAsync)));
    }

    [Fact]
    public async Task What_it_cannot_do_is_said()
    {
        var long_ = await Assert.ThrowsAsync<ModelException>(() => Model.GetResponseAsync(string.Concat(Enumerable.Repeat("word ", 600)), cancellationToken: Ct));
        Assert.Equal(ModelFailure.ContextTooLarge, long_.Failure);
        var tools = await Assert.ThrowsAsync<ModelException>(() => Model.GetResponseAsync(
            "hi", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] }, Ct));
        Assert.Contains("AddLocalModel", tools.Message, StringComparison.Ordinal);
        using var schema = JsonDocument.Parse("""{"$ref":"#"}""");
        var form = await Assert.ThrowsAsync<ModelException>(() => Model.GetResponseAsync(
            "hi", new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.RootElement) }, Ct));
        Assert.Equal(ModelFailure.Rejected, form.Failure);
    }

    [Fact]
    public async Task Weights_that_are_missing_or_wrong_are_said_to_be()
    {
        using var missing = Create("/nowhere/weights.gguf");
        Assert.Contains("/nowhere/weights.gguf", (await Assert.ThrowsAsync<ModelException>(() => missing.GetResponseAsync("hi", cancellationToken: Ct))).Message, StringComparison.Ordinal);
        using var wrong = Create(typeof(LLamaSharpModelTests).Assembly.Location);
        Assert.Contains("GGUF", (await Assert.ThrowsAsync<ModelException>(() => wrong.GetResponseAsync("hi", cancellationToken: Ct))).Message, StringComparison.Ordinal);
        Assert.Throws<OnCellException>(() => Create("x", o => o.MaxConcurrent = 0));
    }

    [Fact]
    public async Task A_full_queue_says_so_and_the_end_of_the_service_ends_an_answer()
    {
        using var small = Create(loaded.Weights, o => (o.MaxConcurrent, o.MaxQueued) = (1, 0));
        await using var first = small.GetStreamingResponseAsync("Tell me a very long story.", cancellationToken: Ct).GetAsyncEnumerator(Ct);
        Assert.True(await first.MoveNextAsync());
        Assert.Equal(ModelFailure.Busy, (await Assert.ThrowsAsync<ModelException>(() => small.GetResponseAsync("hi", cancellationToken: Ct))).Failure);
        small.Dispose();
        var ended = await Assert.ThrowsAsync<ModelException>(async () =>
        {
            while (await first.MoveNextAsync())
            {
            }
        });
        Assert.Equal(ModelFailure.Unavailable, ended.Failure);
    }

    // One thread each: two that wait for one another make no way on a machine that others keep busy.
    private static LLamaSharpChatClient Create(string path, Action<LLamaSharpModelOptions>? configure = null)
    {
        var options = new LLamaSharpModelOptions { Weights = path, ContextTokens = 512, Threads = 1 };
        configure?.Invoke(options);
        return new LLamaSharpChatClient(new LLamaSharpModel("tiny", options, NullLogger.Instance));
    }

    private async Task<string> AskAsync(string prompt) =>
        (await Model.GetResponseAsync(prompt, new ChatOptions { MaxOutputTokens = 6, Temperature = 0 }, Ct)).Text;

    public sealed class Loaded : IAsyncLifetime
    {
        public string Weights { get; private set; } = "";

        public IChatClient Client { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Weights = await EngScript.FetchChatModelAsync(Ct);
            Client = Create(Weights);
        }

        public ValueTask DisposeAsync()
        {
            Client.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
