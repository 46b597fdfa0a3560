using Microsoft.Extensions.AI;
using OnCell.Models.Providers;

namespace OnCell.Core.Tests.Models.Wire;

/// <summary>Each provider's protocol on the wire: what is sent, what is read, and what is said of each failure.</summary>
public sealed class ProviderTests
{
    public static TheoryData<ModelKind, bool> KindsAndStreams => new() { { ModelKind.OpenAI, true }, { ModelKind.OpenAI, false }, { ModelKind.Anthropic, true }, { ModelKind.Anthropic, false } };

    public static TheoryData<ModelKind> Kinds => [ModelKind.OpenAI, ModelKind.Anthropic];

    [Theory]
    [MemberData(nameof(KindsAndStreams))]
    public async Task An_answer_its_model_and_its_tokens_are_read(ModelKind kind, bool stream)
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(kind, server);
        server.Then(kind == ModelKind.OpenAI ? OpenAiWire.Text("Hel", "lo") : AnthropicWire.Text("Hel", "lo"));
        var pieces = new List<string?>();
        var answer = await lab.AskAsync("hi", stream: stream, onText: pieces.Add);
        Assert.Equal("Hello", answer.Response.Text);
        Assert.EndsWith("-test-2026", answer.Response.ModelId);
        Assert.Equal((11L, 7L), (answer.Response.Usage!.InputTokenCount!.Value, answer.Response.Usage.OutputTokenCount!.Value));
        Assert.Equal(ChatFinishReason.Stop, answer.Response.FinishReason);
        Assert.Equal(stream ? [null, "Hel", "lo"] : [], pieces);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_request_has_the_protocols_path_key_and_the_steps_idempotency_key(ModelKind kind)
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(kind, server);
        server.Then(Answer(kind));
        await lab.AskAsync("what is this?");
        var request = Assert.Single(server.Requests);
        Assert.Equal(kind == ModelKind.OpenAI ? "/v1/chat/completions" : "/v1/messages", request.Path);
        Assert.Equal("Bearer sk-test-key", request.Headers["Authorization"]);
        Assert.Equal("run/1/2.3", request.Headers["Idempotency-Key"]);
        Assert.Equal(kind == ModelKind.OpenAI ? "gpt-test" : "claude-test", (string)request.Body["model"]!);
        Assert.Contains("what is this?", request.Body["messages"]!.ToJsonString());
        Assert.DoesNotContain("oncell", request.Body.ToJsonString());
    }

    [Fact]
    public async Task A_provider_that_refuses_unknown_headers_gets_none()
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(ModelKind.OpenAI, server, o => o.IdempotencyHeader = "");
        server.Then(OpenAiWire.Text("ok"));
        await lab.AskAsync("hi");
        Assert.DoesNotContain("Idempotency-Key", Assert.Single(server.Requests).Headers.Keys);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_refused_key_is_said_with_the_setting_and_without_the_key_and_is_not_tried_again(ModelKind kind)
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(kind, server);
        server.ThenError(401, kind == ModelKind.OpenAI ? OpenAiWire.Unauthorized : AnthropicWire.Unauthorized);
        var error = await lab.FailAsync();
        Assert.Equal((ModelFailure.Unauthorized, false), (error.Failure, error.IsTransient));
        Assert.Contains("ApiKey", error.Message);
        Assert.Contains("401", error.Message);
        Assert.DoesNotContain("sk-test-key", error.ToString());
        Assert.Single(server.Requests);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_rate_limit_is_waited_out_as_the_provider_asks(ModelKind kind)
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(kind, server);
        server.ThenError(429, OpenAiWire.RateLimited, ("Retry-After", "1"))
            .ThenError(kind == ModelKind.OpenAI ? 503 : 529, AnthropicWire.Overloaded, ("retry-after-ms", "5"))
            .Then(Answer(kind));
        var start = TimeProvider.System.GetTimestamp();
        Assert.Equal("ok", (await lab.AskAsync("hi")).Response.Text);
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromSeconds(0.9));
        Assert.Equal(3, server.Requests.Count);
        Assert.All(server.Requests, r => Assert.Equal("run/1/2.3", r.Headers["Idempotency-Key"]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_wait_beyond_the_bound_is_not_waited(ModelKind kind)
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(kind, server);
        server.ThenError(429, OpenAiWire.RateLimited, ("Retry-After", "3600"));
        var error = await lab.FailAsync();
        Assert.Equal(ModelFailure.RateLimited, error.Failure);
        Assert.Equal(OnCellError.Busy, error.Error);
        Assert.Contains("3600", error.Message);
        Assert.Contains("MaxRateLimitWait", error.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Used_up_credit_is_no_rate_limit()
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(ModelKind.OpenAI, server);
        server.ThenError(429, """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}""");
        var error = await lab.FailAsync();
        Assert.Equal((ModelFailure.Rejected, false), (error.Failure, error.IsTransient));
        Assert.Contains("credit", error.Message);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_prompt_larger_than_the_window_is_said_with_what_to_lower(ModelKind kind)
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(kind, server);
        server.ThenError(400, kind == ModelKind.OpenAI ? OpenAiWire.TooLarge : AnthropicWire.TooLarge);
        var error = await lab.FailAsync();
        Assert.Equal((ModelFailure.ContextTooLarge, false), (error.Failure, error.IsTransient));
        Assert.Contains("MaxContextTokens", error.Message);
        Assert.Contains(kind == ModelKind.OpenAI ? "8192" : "200000", error.Message);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(504)]
    public async Task A_provider_that_does_not_work_is_said_as_passing_even_with_an_html_page(int status)
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(ModelKind.OpenAI, server);
        server.ThenError(status, "<html><body>Bad gateway\u0007\n" + new string('x', 100_000) + "</body></html>");
        var error = await lab.FailAsync();
        Assert.Equal((ModelFailure.Unavailable, true), (error.Failure, error.IsTransient));
        Assert.Contains($"{status}", error.Message);
        Assert.True(error.Message.Length < 1000);
        Assert.DoesNotContain('\u0007', error.Message);
    }

    [Fact]
    public async Task A_provider_that_is_not_there_is_said_with_its_setting()
    {
        Uri address;
        await using (var server = await ProviderServer.StartAsync()) address = server.Address;
        await using var lab = new WireLab(o => o.Models = [new() { Name = "gone", Model = "m", Endpoint = address }]);
        var error = await lab.FailAsync();
        Assert.Equal((ModelFailure.Unavailable, true), (error.Failure, error.IsTransient));
        Assert.Contains("Endpoint", error.Message);
    }

    [Fact]
    public async Task An_unknown_model_of_the_provider_is_said()
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(ModelKind.OpenAI, server);
        server.ThenError(404, """{"error":{"message":"The model `gpt-test` does not exist","type":"invalid_request_error","code":"model_not_found"}}""");
        Assert.Equal(ModelFailure.UnknownModel, (await lab.FailAsync()).Failure);
    }

    [Fact]
    public async Task A_stream_cut_short_is_no_answer()
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = new WireLab(o => o.Models = [WireLab.OpenAi(server), WireLab.Anthropic(server)]);
        foreach (var (model, answer) in new[]
        {
            ("openai", OpenAiWire.Cut(abort: true)), ("openai", OpenAiWire.Cut(abort: false)),
            ("anthropic", AnthropicWire.Cut(withError: false)), ("anthropic", AnthropicWire.Cut(withError: true)),
        })
        {
            server.Then(answer);
            var error = await lab.FailAsync(model);
            Assert.True(error.IsTransient, $"{model}: {error}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_malformed_answer_is_said_as_what_it_is(bool stream)
    {
        await using var server = await ProviderServer.StartAsync();
        await using var lab = Lab(ModelKind.OpenAI, server);
        server.Then(stream ? OpenAiWire.Malformed() : (context, _) => ProviderServer.ErrorAsync(context, 200, "{\"choices\": [{"));
        var error = await lab.FailAsync(stream: stream);
        Assert.Equal((ModelFailure.BadAnswer, true), (error.Failure, error.IsTransient));
    }

    [Fact]
    public void Every_form_of_a_wait_is_read()
    {
        using var response = new HttpResponseMessage();
        Assert.Equal(4, RetryAfter.Read(response.Headers, 3, TimeProvider.System).TotalSeconds);
        response.Headers.TryAddWithoutValidation("Retry-After", "7");
        Assert.Equal(7, RetryAfter.Read(response.Headers, 1, TimeProvider.System).TotalSeconds);
        response.Headers.Remove("Retry-After");
        response.Headers.TryAddWithoutValidation("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT");
        Assert.Equal(0, RetryAfter.Read(response.Headers, 1, TimeProvider.System).TotalSeconds);
        response.Headers.TryAddWithoutValidation("retry-after-ms", "250");
        Assert.Equal(250, RetryAfter.Read(response.Headers, 1, TimeProvider.System).TotalMilliseconds);
    }

    private static WireLab Lab(ModelKind kind, ProviderServer server, Action<ModelProviderOptions>? configure = null) => new(o =>
    {
        var provider = kind == ModelKind.OpenAI ? WireLab.OpenAi(server) : WireLab.Anthropic(server);
        configure?.Invoke(provider);
        o.Models = [provider];
    });

    private static Func<Microsoft.AspNetCore.Http.HttpContext, System.Text.Json.Nodes.JsonNode, Task> Answer(ModelKind kind) =>
        kind == ModelKind.OpenAI ? OpenAiWire.Text("ok") : AnthropicWire.Text("ok");
}
