using Microsoft.Extensions.AI;
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

    /// <summary>Gets texts to put before the search hits, such as a diff or a log, the most important first.</summary>
    /// <remarks>One that does not fit what is left of <see cref="MaxContextTokens"/> keeps its head and its tail.</remarks>
    public IReadOnlyList<ContextText> Texts { get; init; } = [];

    /// <summary>Gets how many tokens <see cref="Texts"/> and <see cref="Context"/> may take together.</summary>
    /// <value>The default is 24,000.</value>
    /// <remarks>Tokens are estimated, as no provider's own count is at hand: four ASCII characters or one other character are one.</remarks>
    public int MaxContextTokens { get; init; } = 24_000;

    /// <summary>Gets the tools that the model may call: the cell's own (<see cref="CellContext.Tools"/>) and any <see cref="AIFunction"/>.</summary>
    /// <remarks>Each call of the model and of a tool is a step below this one: what is done stays done when the service restarts.</remarks>
    public IReadOnlyList<AIFunction> Tools { get; init; } = [];

    /// <summary>Gets how often the model may call tools before it must have answered.</summary>
    /// <value>The default is 25.</value>
    public int MaxToolRounds { get; init; } = 25;

    /// <summary>Gets how long one call of a tool may take. After that the model is told that it did not answer.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan ToolTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets how many tokens of a tool's result the model is given; of a longer one the head and the tail.</summary>
    /// <value>The default is 8,000.</value>
    public int MaxToolResultTokens { get; init; } = 8_000;

    /// <summary>Gets the sampling temperature.</summary>
    /// <value>The default is <see langword="null"/>: the provider's.</value>
    public float? Temperature { get; init; }

    /// <summary>Gets how many tokens the answer may have.</summary>
    /// <value>The default is <see langword="null"/>: the provider's.</value>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Gets how long one call may take, waiting for a rate limit included.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets how often a call is tried whose provider was down or cut its answer off. Each try is kept in the journal.</summary>
    /// <value>The default is 3.</value>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Gets whether the answer is asked for as a stream, whose text goes to the run's events as it comes.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool Stream { get; init; } = true;
}

/// <summary>A text that a model is given before the prompt.</summary>
/// <param name="Title">What it is, such as <c>git diff main</c>.</param>
/// <param name="Text">The text.</param>
public sealed record ContextText(string Title, string Text);
