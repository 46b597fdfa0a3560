namespace OnCell;

/// <summary>A model's answer.</summary>
/// <param name="Text">The text.</param>
/// <param name="Model">The model that answered.</param>
/// <param name="InputTokens">The tokens of the prompts, where the provider tells; of all calls where tools were used.</param>
/// <param name="OutputTokens">The tokens of the answers, where the provider tells.</param>
public sealed record LlmResult(string Text, string? Model, long? InputTokens, long? OutputTokens)
{
    /// <summary>Gets the name of the provider that answered.</summary>
    public string? Provider { get; init; }

    /// <summary>Gets why the answer ended: <c>stop</c>, <c>length</c> (it was cut at <see cref="LlmOptions.MaxOutputTokens"/>), <c>content_filter</c>, …</summary>
    public string? FinishReason { get; init; }

    /// <summary>Gets how often tools were called on the way to the answer.</summary>
    public int ToolCalls { get; init; }
}
