using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace CodingSample.Models;

/// <summary>Plays a <see cref="Transcript"/>: a model for demonstrations and tests, with no network.</summary>
public sealed class RecordedChatClient(Transcript transcript) : IChatClient
{
    private static readonly ChatClientMetadata Metadata = new("recorded", defaultModelId: "recorded");

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No recorded answer, or more than one, fits the request.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = string.Join('\n', messages.Select(message => message.Text));
        var answer = Find(request).Answer.GetRawText();
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answer))
        {
            ModelId = "recorded",
            FinishReason = ChatFinishReason.Stop,
            Usage = new()
            {
                InputTokenCount = request.Length / 4,
                OutputTokenCount = answer.Length / 4,
                TotalTokenCount = (request.Length / 4) + (answer.Length / 4),
            },
        });
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            yield return update;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ChatClientMetadata) ? Metadata
        : serviceKey is null && serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private RecordedAnswer Find(string request)
    {
        var fitting = transcript.Answers.Where(answer => answer.Fits(request)).ToList();
        if (fitting.Count == 1)
            return fitting[0];

        var problem = fitting.Count == 0
            ? "No recorded answer fits this request"
            : $"The recorded answers {string.Join(", ", fitting.Select(answer => $"\"{answer.Name}\""))} all fit this request";
        throw new InvalidOperationException(
            $"{problem}. The transcript was recorded for {transcript.RecordedFor}; for another project, version or " +
            "instruction set OPENAI_API_KEY, ANTHROPIC_API_KEY or ONCELL_LLM_BASE_URL to use a live model. The request ends: …" +
            (request.Length <= 600 ? request : request[^600..]));
    }
}
