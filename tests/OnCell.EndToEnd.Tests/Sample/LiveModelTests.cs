using System.Net;
using System.Text.Json;
using CodingSample;
using CodingSample.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace OnCell.EndToEnd.Tests.Sample;

/// <summary>The live path over real HTTP, against a server that speaks OpenAI's protocol and plays the transcript.</summary>
public sealed class LiveModelTests
{
    [Fact]
    public async Task Asks_the_server_that_ONCELL_LLM_BASE_URL_names()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var requests = new List<JsonElement>();
        await using var server = await StartAsync(requests, cancellation);
        var choice = ModelChoice.From(Configuration(
            ("ONCELL_LLM_BASE_URL", server.Urls.Single() + "/v1"), ("ONCELL_LLM_MODEL", "my-model"), ("ANTHROPIC_API_KEY", "unused")));
        using var model = choice.Create();

        var plan = await model.GetResponseAsync<Plan>(Prompts.Plan("Add a method pop_range", ["a.py"]), cancellationToken: cancellation);

        Assert.True(choice.Live);
        Assert.Equal(4, plan.Result.Files.Count);
        var request = Assert.Single(requests);
        Assert.Equal("my-model", request.GetProperty("model").GetString());
        Assert.Equal("json_schema", request.GetProperty("response_format").GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("ANTHROPIC_API_KEY", "Anthropic")]
    [InlineData("OPENAI_API_KEY", "OpenAI")]
    public void A_key_names_its_provider(string variable, string provider)
    {
        var choice = ModelChoice.From(Configuration((variable, "key")));

        Assert.True(choice.Live);
        Assert.EndsWith(provider, choice.Description, StringComparison.Ordinal);
        choice.Create().Dispose();
    }

    [Fact]
    public void Without_a_key_the_model_is_the_recorded_one() => Assert.False(ModelChoice.From(Configuration()).Live);

    [Fact]
    public void An_address_without_a_model_is_an_error_that_names_the_variable() =>
        Assert.Contains("ONCELL_LLM_MODEL", Assert.Throws<InvalidOperationException>(
            () => ModelChoice.From(Configuration(("ONCELL_LLM_BASE_URL", "http://127.0.0.1:1/v1")))).Message, StringComparison.Ordinal);

    private static IConfiguration Configuration(params (string Name, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Name, (string?)value.Value))).Build();

    private static async Task<WebApplication> StartAsync(List<JsonElement> requests, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var transcript = Transcript.Load(Path.Combine(AppContext.BaseDirectory, "Transcripts", "sortedcontainers-pop-range.json"));
        app.MapPost("/v1/chat/completions", async (HttpRequest request) =>
        {
            var body = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, cancellationToken: cancellation);
            requests.Add(body);
            var text = string.Join('\n', body.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").ToString()));
            var answer = transcript.Answers.Single(recorded => recorded.Fits(text)).Answer.GetRawText();
            return Results.Json(new
            {
                id = "1",
                @object = "chat.completion",
                created = 0,
                model = "my-model",
                choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = answer } } },
                usage = new { prompt_tokens = 1, completion_tokens = 1, total_tokens = 2 },
            });
        });
        await app.StartAsync(cancellation);
        return app;
    }
}
