using System.Globalization;
using Microsoft.Extensions.AI;
using OnCell.Journaling;
using OnCell.Models.Calls;
using OnCell.Runs;

namespace OnCell.Models.Tools;

/// <summary>Asks the model, does what it asks for with tools, tells it, and so on until it answers. All below one step.</summary>
/// <remarks>
/// Tools run one after the other, in the model's order. After a crash the loop runs again from its start: calls that have
/// ended return from the journal, so nothing is paid for or done twice.
/// </remarks>
internal sealed class ToolLoop(RunSession session, LlmOptions options, ChatResponseFormat? format)
{
    private long? _input;
    private long? _output;
    private int _calls;

    public Task<LlmResult> RunAsync(IReadOnlyList<ChatMessage> messages, StepExecution execution, CancellationToken cancellationToken) =>
        session.WithinAsync(execution, () => LoopAsync([.. messages], cancellationToken));

    private async Task<LlmResult> LoopAsync(List<ChatMessage> conversation, CancellationToken cancellationToken)
    {
        for (var round = 1; ; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reply = await AskAsync([.. conversation], round).ConfigureAwait(false);
            var calls = reply.ToolCalls.ToList();
            if (calls.Count == 0) return Result(reply);
            if (round > options.MaxToolRounds)
                throw new OnCellException(OnCellError.Failed,
                    $"The model {reply.Model} asked for tools {options.MaxToolRounds} times and gave no answer: raise LlmOptions.MaxToolRounds, or ask for less at once.");
            conversation.AddRange(reply.Messages);
            var results = new List<AIContent>();
            foreach (var call in calls)
            {
                _calls++;
                results.Add(new FunctionResultContent(call.CallId, await new ToolStep(session, options).CallAsync(call).ConfigureAwait(false)));
            }

            conversation.Add(new ChatMessage(ChatRole.Tool, results));
        }
    }

    private async Task<ModelReply> AskAsync(IReadOnlyList<ChatMessage> conversation, int round)
    {
        var reply = await session.StepAsync(new StepSpec<ModelReply>
        {
            Kind = "llm.call",
            Name = options.Model ?? "default model",
            Arguments = [new("round", round.ToString(CultureInfo.InvariantCulture))],
            Effect = StepEffect.Idempotent,
            Retry = ModelCallStep.Retry(options),
            Serializer = ModelReply.Serializer,
            Body = (execution, token) => ModelCallStep.ExecuteAsync(session, conversation, options, format, execution, token),
        }).ConfigureAwait(false);
        _input = Add(_input, reply.InputTokens);
        _output = Add(_output, reply.OutputTokens);
        return reply;
    }

    private LlmResult Result(ModelReply reply) => new(reply.Text, reply.Model, _input, _output)
    {
        Provider = reply.Provider,
        FinishReason = reply.FinishReason,
        ToolCalls = _calls,
    };

    private static long? Add(long? sum, long? more) => more is null ? sum : (sum ?? 0) + more;
}
