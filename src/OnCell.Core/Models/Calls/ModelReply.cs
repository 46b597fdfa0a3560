using System.Text.Json;
using Microsoft.Extensions.AI;
using OnCell.Journaling;

namespace OnCell.Models.Calls;

/// <summary>A model's answer as the journal keeps it: also the calls of tools it asks for, and what a provider wants to see again.</summary>
internal sealed record ModelReply(
    IReadOnlyList<ChatMessage> Messages, string? Model, string Provider, string? FinishReason, long? InputTokens, long? OutputTokens)
{
    /// <summary>Gets how a reply is written; the contents of messages have a contract of their own.</summary>
    public static IStepSerializer<ModelReply> Serializer { get; } =
        StepSerializer.Json((System.Text.Json.Serialization.Metadata.JsonTypeInfo<ModelReply>)Options().GetTypeInfo(typeof(ModelReply)));

    public string Text => string.Concat(Messages.Select(m => m.Text));

    public IEnumerable<FunctionCallContent> ToolCalls => Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>();

    public static ModelReply From(ModelAnswer answer) => new(
        [.. answer.Response.Messages],
        answer.Response.ModelId,
        answer.Provider,
        answer.Response.FinishReason?.Value,
        answer.Response.Usage?.InputTokenCount,
        answer.Response.Usage?.OutputTokenCount);

    private static JsonSerializerOptions Options()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions);
        options.TypeInfoResolverChain.Add(new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver());
        options.MakeReadOnly();
        return options;
    }
}
