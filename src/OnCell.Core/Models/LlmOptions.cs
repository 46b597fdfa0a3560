using OnCell.Indexing;

namespace OnCell;

/// <summary>How a model is asked.</summary>
public sealed record LlmOptions
{
    /// <summary>Gets the model's name, or the name of a registered provider.</summary>
    /// <value>The default is <see langword="null"/>: the default provider and its default model.</value>
    public string? Model { get; init; }

    /// <summary>Gets the system prompt.</summary>
    public string? System { get; init; }

    /// <summary>Gets search hits to put before the prompt, best first. What does not fit <see cref="MaxContextTokens"/> is left out whole.</summary>
    public IReadOnlyList<SearchHit> Context { get; init; } = [];

    /// <summary>Gets how many tokens the context may take, counted as four characters each.</summary>
    /// <value>The default is 24,000.</value>
    public int MaxContextTokens { get; init; } = 24_000;

    /// <summary>Gets the sampling temperature.</summary>
    /// <value>The default is <see langword="null"/>: the provider's.</value>
    public float? Temperature { get; init; }

    /// <summary>Gets how many tokens the answer may have.</summary>
    /// <value>The default is <see langword="null"/>: the provider's.</value>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Gets how long one call may take.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>A model's answer.</summary>
/// <param name="Text">The text.</param>
/// <param name="Model">The model that answered.</param>
/// <param name="InputTokens">The tokens of the prompt, where the provider tells.</param>
/// <param name="OutputTokens">The tokens of the answer, where the provider tells.</param>
public sealed record LlmResult(string Text, string? Model, long? InputTokens, long? OutputTokens);
