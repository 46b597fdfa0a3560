using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace OnCell.Models.Providers;

/// <summary>Takes no answer for whole that its provider did not end: a stream cut short otherwise looks like a short answer.</summary>
internal sealed class WholeAnswerClient(IChatClient inner, string provider) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        return response.FinishReason is null ? throw NotWhole() : response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var ended = false;
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            ended |= update.FinishReason is not null;
            yield return update;
        }

        if (!ended) throw NotWhole();
    }

    private ModelException NotWhole() =>
        new(ModelFailure.BadAnswer, $"The model provider \"{provider}\" ended its answer without saying that it is whole. It is asked again by itself.");
}
