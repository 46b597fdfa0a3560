using System.Globalization;
using Microsoft.Extensions.AI;
using OnCell.Journaling;
using OnCell.Models;
using OnCell.Models.Calls;
using OnCell.Models.Tools;

namespace OnCell.Runs;

/// <summary>A question to a model as a step: paid once, its answer kept in the journal.</summary>
/// <remarks>With tools, each call of the model and of a tool is a step below it; without, the question is the call.</remarks>
internal static class LlmStep
{
    private const int MaxAnswers = 3;

    public static Task<LlmResult> AskAsync(RunSession session, string prompt, LlmOptions options) =>
        AskAsync(session, Messages(prompt, options), options, null);

    /// <summary>Asks until an answer has the form; each answer is a step of its own, so none is paid for twice.</summary>
    public static async Task<T> AskAsync<T>(RunSession session, string prompt, LlmOptions options)
    {
        var format = ChatResponseFormat.ForJsonSchema<T>(OnCellJson.For<T>());
        var messages = Messages(
            $"{prompt}\n\nAnswer with one JSON value of this schema, and nothing else:\n{format.Schema}", options);
        for (var answers = 1; ; answers++)
        {
            var result = await AskAsync(session, messages, options, format).ConfigureAwait(false);
            if (StructuredAnswer.TryRead<T>(result.Text, out var value, out var error)) return value!;
            if (result.FinishReason == ChatFinishReason.Length.Value)
                throw new OnCellException(OnCellError.Failed,
                    $"The answer of {result.Model} was cut off before its JSON was whole: raise LlmOptions.MaxOutputTokens, or ask for less.");
            if (answers == MaxAnswers)
                throw new OnCellException(OnCellError.Failed,
                    $"The model {result.Model} gave {MaxAnswers} answers that are not a {typeof(T).Name}; the last: {error}.");
            messages =
            [
                .. messages,
                new ChatMessage(ChatRole.Assistant, result.Text),
                new ChatMessage(ChatRole.User, $"That is not JSON of the schema: {error}. Answer again with the JSON value only."),
            ];
        }
    }

    private static Task<LlmResult> AskAsync(
        RunSession session, List<ChatMessage> messages, LlmOptions options, ChatResponseFormat? format) =>
        session.StepAsync(new StepSpec<LlmResult>
        {
            Kind = "llm",
            Name = options.Model ?? "default model",
            Arguments = Arguments(messages, options),
            Effect = StepEffect.Idempotent,
            Retry = options.Tools.Count == 0 ? ModelCallStep.Retry(options) : null, // with tools each call has its own
            Body = async (execution, token) => options.Tools.Count == 0
                ? ToResult(await ModelCallStep.ExecuteAsync(session, messages, options, format, execution, token).ConfigureAwait(false))
                : await new ToolLoop(session, options, format).RunAsync(messages, execution, token).ConfigureAwait(false),
        });

    private static LlmResult ToResult(ModelReply reply) => new(reply.Text, reply.Model, reply.InputTokens, reply.OutputTokens)
    {
        Provider = reply.Provider,
        FinishReason = reply.FinishReason,
    };

    private static List<ChatMessage> Messages(string prompt, LlmOptions options)
    {
        List<ChatMessage> messages = [];
        if (options.System is not null) messages.Add(new ChatMessage(ChatRole.System, options.System));
        messages.Add(new ChatMessage(ChatRole.User, ContextPacker.Pack(prompt, options)));
        return messages;
    }

    private static List<StepArgument> Arguments(List<ChatMessage> messages, LlmOptions options)
    {
        List<StepArgument> arguments =
        [
            new("model", options.Model ?? ""),
            new("temperature", options.Temperature?.ToString(CultureInfo.InvariantCulture) ?? ""),
            new("maxOutputTokens", options.MaxOutputTokens?.ToString(CultureInfo.InvariantCulture) ?? ""),
            .. messages.Select((m, i) => new StepArgument($"{i}.{m.Role.Value}", m.Text)),
        ];
        if (options.Tools.Count > 0) arguments.Add(new("tools", string.Join(',', options.Tools.Select(t => t.Name))));
        return arguments;
    }
}
