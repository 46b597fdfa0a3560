using System.ClientModel;
using Anthropic;
using Microsoft.Extensions.AI;
using OpenAI;

namespace CodingSample.Models;

/// <summary>Chooses the model: a live one where the environment names it, the recorded one otherwise.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Live">Whether it is live.</param>
/// <param name="Description">What it is, for the screen.</param>
/// <param name="Create">Makes its client.</param>
public sealed record ModelChoice(string Name, bool Live, string Description, Func<IChatClient> Create)
{
    /// <summary>Reads the choice out of the configuration, which holds the environment.</summary>
    /// <exception cref="InvalidOperationException">ONCELL_LLM_BASE_URL is set and ONCELL_LLM_MODEL is not.</exception>
    public static ModelChoice From(IConfiguration configuration)
    {
        var wanted = configuration["ONCELL_LLM_MODEL"];
        if (configuration["ONCELL_LLM_BASE_URL"] is { Length: > 0 } address)
        {
            var name = wanted ?? throw new InvalidOperationException(
                "ONCELL_LLM_BASE_URL is set without ONCELL_LLM_MODEL: name the model that the server offers.");
            return Hosted(name, address, () => OpenAi(configuration["ONCELL_LLM_API_KEY"] ?? "none", name, new Uri(address)));
        }

        if (configuration["ANTHROPIC_API_KEY"] is { Length: > 0 } anthropicKey)
        {
            var name = wanted ?? "claude-sonnet-4-5";
            return Hosted(name, "Anthropic", () => new AnthropicClient { ApiKey = anthropicKey }.AsIChatClient(name, 16_000));
        }

        if (configuration["OPENAI_API_KEY"] is { Length: > 0 } openAiKey)
        {
            var name = wanted ?? "gpt-5.1";
            return Hosted(name, "OpenAI", () => OpenAi(openAiKey, name, null));
        }

        var path = configuration["CodingAgent:Transcript"]
            ?? Path.Combine(AppContext.BaseDirectory, "Transcripts", "sortedcontainers-pop-range.json");
        return new("recorded", false, $"recorded answers ({Path.GetFileName(path)})", () => new RecordedChatClient(Transcript.Load(path)));
    }

    private static ModelChoice Hosted(string name, string where, Func<IChatClient> create) =>
        new(name, true, $"{name} at {where}", create);

    private static IChatClient OpenAi(string key, string model, Uri? address) =>
        new OpenAIClient(new ApiKeyCredential(key), new() { Endpoint = address }).GetChatClient(model).AsIChatClient();
}
