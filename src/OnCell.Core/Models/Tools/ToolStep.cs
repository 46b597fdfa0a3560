using System.Text.Json;
using Microsoft.Extensions.AI;
using OnCell.Journaling;
using OnCell.Models.Calls;
using OnCell.Runs;

namespace OnCell.Models.Tools;

/// <summary>One call of a tool as a step. Whatever goes wrong with it is told to the model, which may do better.</summary>
internal sealed class ToolStep(RunSession session, LlmOptions options)
{
    private const int MaxNameCharacters = 100;

    /// <returns>What the model is told: the result, or what was wrong.</returns>
    public Task<string> CallAsync(FunctionCallContent call)
    {
        var tool = options.Tools.FirstOrDefault(t => t.Name == call.Name);
        return session.StepAsync(new StepSpec<string>
        {
            Kind = "tool",
            Name = call.Name.Length is > 0 and <= MaxNameCharacters ? call.Name : "(a name no tool has)",
            Arguments = [new("arguments", JsonSerializer.Serialize(call.Arguments, AIJsonUtilities.DefaultOptions))],
            Effect = CellTools.EffectOf(tool),
            Body = (execution, token) => session.WithinAsync(execution, async () =>
                TokenEstimate.Fit(await InvokeAsync(tool, call, execution.Key, token).ConfigureAwait(false), options.MaxToolResultTokens)),
        });
    }

    private async Task<string> InvokeAsync(AIFunction? tool, FunctionCallContent call, string key, CancellationToken cancellationToken)
    {
        if (tool is null)
            return $"Error: there is no tool \"{call.Name}\". The tools: {string.Join(", ", options.Tools.Select(t => t.Name))}.";
        if (call.Exception is { } unreadable)
            return $"Error: the arguments are not JSON: {unreadable.Message} They must fit this schema: {tool.JsonSchema}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ToolTimeout);
        try
        {
            var arguments = new AIFunctionArguments(call.Arguments)
            {
                Context = new Dictionary<object, object?> { [ModelCallStep.StepKeyProperty] = key },
            };
            // A tool that does not listen to its token is left behind.
            var result = await tool.InvokeAsync(arguments, limit.Token).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
            return Text(result);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !IsStopping(cancellationToken))
        {
            return $"Error: the tool \"{tool.Name}\" did not answer within {options.ToolTimeout}.";
        }
        catch (Exception e) when (IsOfTheTool(e, cancellationToken))
        {
            ModelLog.ToolFailed(session.Models.Logger, tool.Name, session.Run.Id, e);
            return e is ArgumentException or JsonException
                ? $"Error: the arguments do not fit: {e.Message} They must fit this schema: {tool.JsonSchema}"
                : $"Error: {e.Message}";
        }
    }

    /// <summary>The end of this execution (the cell died, the run was taken away or waits for a person) is no result of a tool.</summary>
    private bool IsOfTheTool(Exception e, CancellationToken cancellationToken) =>
        !IsStopping(cancellationToken)
        && e is not (JournalException and not StepFailedException)
        && e is not (Sandboxes.SandboxLostException or Sandboxes.SandboxDisconnectedException);

    /// <summary>The execution's own token shows a cancellation first: those linked to it follow one by one.</summary>
    private bool IsStopping(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested || session.CancellationToken.IsCancellationRequested;

    private static string Text(object? result) => result switch
    {
        null => "(done)",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        _ => JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions),
    };
}
