using Microsoft.Extensions.AI;

namespace OnCell.Models.Calls;

/// <summary>One call of a model.</summary>
/// <param name="Model">The model or provider; <see langword="null"/> for the default one.</param>
/// <param name="Messages">The conversation.</param>
/// <param name="Options">How it is asked.</param>
/// <param name="Key">The key of the call's step.</param>
internal sealed record ModelRequest(string? Model, IReadOnlyList<ChatMessage> Messages, ChatOptions Options, string Key)
{
    /// <summary>Gets whether only models on this host may be asked.</summary>
    public bool LocalOnly { get; init; }

    /// <summary>Gets whether the answer is wanted as it comes.</summary>
    public bool Stream { get; init; }

    /// <summary>Gets the receiver of the answer's text; <see langword="null"/> is said before the first piece of each answer.</summary>
    public Action<string?>? OnText { get; init; }

    /// <summary>Gets the receiver of the waits that a provider asked for.</summary>
    public Action<TimeSpan>? OnWait { get; init; }
}

/// <summary>A model's answer, and who gave it.</summary>
internal sealed record ModelAnswer(ChatResponse Response, string Provider);
