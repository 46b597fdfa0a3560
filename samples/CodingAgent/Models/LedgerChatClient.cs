using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace CodingSample.Models;

/// <summary>Writes every call into a <see cref="CallLedger"/> and pays for the call of a step only once.</summary>
/// <remarks>
/// A service that dies between a model's answer and its own journal asks again under the same step key. Providers with
/// idempotency keys then give the first answer; this does so for every provider, and keeps the count.
/// </remarks>
public sealed class LedgerChatClient(IChatClient inner, CallLedger ledger, TimeProvider time) : DelegatingChatClient(inner)
{
    /// <summary>The name under which OnCell hands a model call the key of its step.</summary>
    public const string StepKey = "oncell.step_key";

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The call carries no step key, or one that was used for another request.</exception>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var asked = messages.ToList();
        var key = options?.AdditionalProperties?.TryGetValue(StepKey, out string? value) == true && value is not null
            ? value
            : throw new InvalidOperationException($"A model call carries no {StepKey}; it cannot be told from its own repetition.");
        var request = Digest(asked);

        if (ledger.Find(key) is { } paid)
        {
            if (paid.Request != request)
                throw new InvalidOperationException($"Step {key} asks the model something else than it did before.");
            ledger.Append(new(time.GetUtcNow(), key, request, CallOutcome.Deduplicated, null));
            return new(new ChatMessage(ChatRole.Assistant, paid.Answer));
        }

        var response = await base.GetResponseAsync(asked, options, cancellationToken);
        ledger.Append(new(time.GetUtcNow(), key, request, CallOutcome.Paid, response.Text));
        return response;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            yield return update;
    }

    private static string Digest(IEnumerable<ChatMessage> messages) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\0', messages.Select(message => $"{message.Role}\0{message.Text}")))));
}
