using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OnCell.Agents;
using OnCell.Cells;
using OnCell.Journaling;

namespace OnCell.Runs;

/// <summary>What is done to runs from outside: start, signal, decide, fork. Each is durable before it returns.</summary>
internal static class RunVerbs
{
    private const int MaxSignalName = 200;
    private const int MaxSignalPayload = 1 << 20;

    public static async Task<RunInfo> StartAsync(
        LiveCell cell, string method, JsonObject input, string id, CancellationToken cancellationToken)
    {
        using var code = cell.LeaseAgent();
        return await StartAsync(cell, code.Agent, AgentCatalog.GetMethod(code.Agent, method), input, id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a run of a tool that every cell has.</summary>
    public static async Task<RunInfo> StartToolAsync(
        LiveCell cell, AgentMethod tool, JsonObject input, string id, CancellationToken cancellationToken)
    {
        using var code = cell.LeaseAgent();
        return await StartAsync(cell, code.Agent, tool, input, id, cancellationToken).ConfigureAwait(false);
    }

    // The agent's code is held: until the run is in the journal, nothing else says that it is needed.
    private static async Task<RunInfo> StartAsync(
        LiveCell cell, AgentDescriptor agent, AgentMethod method, JsonObject input, string id, CancellationToken cancellationToken)
    {
        method.Check(input);
        cell.ThrowIfNotReady();
        cell.DemandQuota();
        using var place = cell.Queue.Reserve();
        var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
        var start = new RunStart(id, method.Name, cell.Secrets.Redactor.Redact(input.ToJsonString()), agent.CodeVersion);
        await Translate(cell, id, async () => await (await journal.StartRunAsync(start, cancellationToken).ConfigureAwait(false))
            .DisposeAsync().ConfigureAwait(false)).ConfigureAwait(false);
        return await EnqueueAsync(cell, journal, id, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<bool> SignalAsync(
        LiveCell cell, string runId, string name, JsonNode? payload, string? signalId, CancellationToken cancellationToken)
    {
        if (name is not { Length: > 0 and <= MaxSignalName })
            throw new OnCellException(OnCellError.Invalid, $"A signal's name has 1 to {MaxSignalName} characters.") { Field = "name" };
        var json = cell.Secrets.Redactor.Redact(payload?.ToJsonString(OnCellJson.Options) ?? "null");
        if (json.Length > MaxSignalPayload)
            throw new OnCellException(OnCellError.Invalid,
                $"The payload of the signal \"{name}\" has {json.Length} characters; at most {MaxSignalPayload} are taken. Put what is large into the cell's files.")
            { Field = "payload" };
        var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
        var sent = false;
        await Translate(cell, runId, async () => sent = await journal.SignalAsync(runId, name, json, signalId, cancellationToken).ConfigureAwait(false))
            .ConfigureAwait(false);
        return sent;
    }

    public static async Task DecideAsync(
        LiveCell cell, string runId, string position, StepDecision decision, CancellationToken cancellationToken)
    {
        var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
        await Translate(cell, runId, () => journal.DecideAsync(runId, position, decision, cancellationToken)).ConfigureAwait(false);

        // Live, it goes on by itself; one that nobody executes goes on here. A run in the queue is not queued twice.
        cell.Queue.Enqueue(runId);
    }

    public static async Task<RunInfo> ForkAsync(
        LiveCell cell, string runId, string beforePosition, string newId, CancellationToken cancellationToken)
    {
        cell.ThrowIfNotReady();
        cell.DemandQuota();
        using var place = cell.Queue.Reserve();
        var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
        if (await journal.GetRunAsync(newId, cancellationToken).ConfigureAwait(false) is not { } same || same.ForkedFrom != runId)
            await Translate(cell, runId, () => journal.ForkRunAsync(runId, newId, beforePosition, cancellationToken)).ConfigureAwait(false);
        return await EnqueueAsync(cell, journal, newId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A new id, or the one that all requests with a key share; hashed, since a key may hold anything.</summary>
    public static string IdOf(string? idempotencyKey) => idempotencyKey is null
        ? $"{Guid.CreateVersion7():n}"
        : "k" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)).AsSpan(0, 16));

    private static async Task<RunInfo> EnqueueAsync(LiveCell cell, DurableJournal journal, string id, CancellationToken cancellationToken)
    {
        var run = (await journal.GetRunAsync(id, cancellationToken).ConfigureAwait(false))!;
        if (run.IsOpen) cell.Queue.Enqueue(id);
        return run;
    }

    private static async Task Translate(LiveCell cell, string runId, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (RunNotFoundException e)
        {
            // The journal says where it lies on the host, which is not for callers.
            throw new OnCellException(OnCellError.NotFound, $"The customer \"{cell.Id}\" has no run \"{Shown.Short(runId)}\".", e) { Field = "run" };
        }
        catch (RunConflictException e)
        {
            throw new OnCellException(OnCellError.Conflict, e.Message, e);
        }
    }
}
