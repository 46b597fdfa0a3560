using System.Globalization;
using Microsoft.Extensions.AI;
using OnCell.Journaling;
using OnCell.Models;
using OnCell.Secrets;

namespace OnCell.Runs;

/// <summary>A model call as a step: paid once, its answer kept in the journal.</summary>
internal static class LlmStep
{
    /// <summary>The key under which a client finds the step's key, to hand it to the provider as an idempotency key.</summary>
    public const string StepKeyProperty = "oncell.step_key";

    private const int MaxAnswers = 3;

    public static Task<LlmResult> AskAsync(RunSession session, string prompt, LlmOptions options, ChatResponseFormat? format) =>
        AskAsync(session, Messages(prompt, options), options, format);

    /// <summary>Asks until an answer has the form; each answer is a step of its own, so none is paid for twice.</summary>
    public static async Task<T> AskAsync<T>(RunSession session, string prompt, LlmOptions options)
    {
        var format = ChatResponseFormat.ForJsonSchema<T>(OnCellJson.Options);
        var messages = Messages(
            $"{prompt}\n\nAnswer with one JSON value of this schema, and nothing else:\n{format.Schema}", options);
        for (var answers = 1; ; answers++)
        {
            var result = await AskAsync(session, messages, options, format).ConfigureAwait(false);
            if (StructuredAnswer.TryRead<T>(result.Text, out var value, out var error)) return value!;
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
            Body = (execution, token) => ExecuteAsync(session, messages, options, format, execution, token),
        });

    private static async Task<LlmResult> ExecuteAsync(
        RunSession session, List<ChatMessage> messages, LlmOptions options, ChatResponseFormat? format,
        StepExecution execution, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        try
        {
            var response = await session.Models.AskAsync(
                options.Model,
                Clean(messages, session.Redactor),
                new ChatOptions
                {
                    Temperature = options.Temperature,
                    MaxOutputTokens = options.MaxOutputTokens,
                    ResponseFormat = format,
                    AdditionalProperties = new AdditionalPropertiesDictionary { [StepKeyProperty] = execution.Key },
                },
                limit.Token).ConfigureAwait(false);
            execution.Annotate("model", response.ModelId ?? options.Model ?? "");
            if (response.Usage?.TotalTokenCount is { } tokens)
                execution.Annotate("tokens", tokens.ToString(CultureInfo.InvariantCulture));
            return new LlmResult(response.Text, response.ModelId, response.Usage?.InputTokenCount, response.Usage?.OutputTokenCount);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OnCellException(OnCellError.Failed,
                $"The model did not answer within {options.Timeout} (LlmOptions.Timeout).", e);
        }
    }

    /// <summary>No secret goes to a model, however it came into the prompt.</summary>
    private static List<ChatMessage> Clean(List<ChatMessage> messages, Redactor redactor) => redactor.IsEmpty
        ? messages
        : [.. messages.Select(m => new ChatMessage(m.Role, redactor.Redact(m.Text)))];

    private static List<ChatMessage> Messages(string prompt, LlmOptions options)
    {
        List<ChatMessage> messages = [];
        if (options.System is not null) messages.Add(new ChatMessage(ChatRole.System, options.System));
        messages.Add(new ChatMessage(ChatRole.User, ContextPacker.Pack(prompt, options.Context, options.MaxContextTokens)));
        return messages;
    }

    private static List<StepArgument> Arguments(List<ChatMessage> messages, LlmOptions options) =>
    [
        new("model", options.Model ?? ""),
        new("temperature", options.Temperature?.ToString(CultureInfo.InvariantCulture) ?? ""),
        new("maxOutputTokens", options.MaxOutputTokens?.ToString(CultureInfo.InvariantCulture) ?? ""),
        .. messages.Select((m, i) => new StepArgument($"{i}.{m.Role.Value}", m.Text)),
    ];
}
