using System.Globalization;
using Microsoft.Extensions.AI;
using OnCell.Journaling;
using OnCell.Runs;
using OnCell.Secrets;

namespace OnCell.Models.Calls;

/// <summary>One call of a model, as the work of a step.</summary>
internal static class ModelCallStep
{
    /// <summary>The name under which a client finds the step's key, to hand it to the provider as an idempotency key.</summary>
    public const string StepKeyProperty = "oncell.step_key";

    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    /// <summary>A provider that was down, or cut its answer off, is asked again; what it refuses is not.</summary>
    public static RetryPolicy Retry(LlmOptions options) => new()
    {
        MaxAttempts = Math.Max(1, options.MaxAttempts),
        MaxDelay = MaxDelay,
        ShouldRetry = e => e is ModelException { IsTransient: true },
    };

    /// <exception cref="ModelException">The model did not answer.</exception>
    public static async Task<ModelReply> ExecuteAsync(
        RunSession session, IReadOnlyList<ChatMessage> messages, LlmOptions options, ChatResponseFormat? format,
        StepExecution execution, CancellationToken cancellationToken)
    {
        session.Cell.DemandQuota();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        using var text = new AnswerText(session, execution.Position);
        var request = new ModelRequest(options.Model, Clean(messages, session.Redactor), ChatOptions(options, format, execution.Key), execution.Key)
        {
            LocalOnly = session.AirGapped,
            Stream = options.Stream,
            OnText = text.Add,
            OnWait = text.Wait,
        };
        try
        {
            var reply = ModelReply.From(await session.Models.AskAsync(request, limit.Token).ConfigureAwait(false));
            text.End();
            Annotate(execution, reply, options);
            session.Cell.NoteUsage(UsageMeters.InputTokens, reply.InputTokens ?? 0);
            session.Cell.NoteUsage(UsageMeters.OutputTokens, reply.OutputTokens ?? 0);
            return reply;
        }
        catch (Exception e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested && !session.CancellationToken.IsCancellationRequested)
        {
            throw new ModelException(ModelFailure.TimedOut,
                $"The model {options.Model ?? "(default)"} did not answer within {options.Timeout}: raise LlmOptions.Timeout, or ask for less (MaxOutputTokens).", e);
        }
    }

    /// <summary>No secret goes to a model, however it came into the prompt. What tools returned was cleaned when it was kept.</summary>
    private static IReadOnlyList<ChatMessage> Clean(IReadOnlyList<ChatMessage> messages, Redactor redactor) => redactor.IsEmpty
        ? messages
        : [.. messages.Select(m => new ChatMessage(
            m.Role, [.. m.Contents.Select(c => c is TextContent text ? new TextContent(redactor.Redact(text.Text)) : c)]))];

    private static ChatOptions ChatOptions(LlmOptions options, ChatResponseFormat? format, string key) => new()
    {
        Temperature = options.Temperature,
        MaxOutputTokens = options.MaxOutputTokens,
        ResponseFormat = format,
        Tools = options.Tools.Count == 0 ? null : [.. options.Tools],
        AdditionalProperties = new AdditionalPropertiesDictionary { [StepKeyProperty] = key },
    };

    /// <summary>What the call cost, for whoever counts: the usage records and the API read it from the step.</summary>
    private static void Annotate(StepExecution execution, ModelReply reply, LlmOptions options)
    {
        execution.Annotate("model", reply.Model ?? options.Model ?? "");
        execution.Annotate("provider", reply.Provider);
        if (reply.InputTokens is { } input) execution.Annotate("input_tokens", input.ToString(CultureInfo.InvariantCulture));
        if (reply.OutputTokens is { } output) execution.Annotate("output_tokens", output.ToString(CultureInfo.InvariantCulture));
        if ((reply.InputTokens ?? 0) + (reply.OutputTokens ?? 0) is > 0 and var total)
            execution.Annotate("tokens", total.ToString(CultureInfo.InvariantCulture));
    }
}
