using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OnCell.Agents;
using OnCell.Cells;
using OnCell.Journaling;
using OnCell.Sandboxes;
using OnCell.Tools;

namespace OnCell.Runs;

/// <summary>Executes a run to its end: again from its start, on a fresh sandbox, each time the cell dies under it.</summary>
internal static class RunExecutor
{
    /// <summary>The name under which <see cref="Agent.SetupAsync"/> is a run like any other.</summary>
    public const string Setup = "setup";

    /// <summary>A run under which the cell dies this often is given up: what it does kills its sandbox.</summary>
    private const int MaxDeaths = 5;

    /// <summary>A connection breaks a moment before the process is seen to have ended: taken up at once, the run would die again with the same cell.</summary>
    private static readonly TimeSpan DeathNotice = TimeSpan.FromSeconds(2);

    public static async Task<RunOutcome> ExecuteAsync(
        LiveCell cell, CellServices services, RunHold hold, string runId, CancellationToken cancellationToken)
    {
        var logger = services.Loggers.CreateLogger("OnCell.Runs");
        for (var deaths = 0; ; deaths++)
        {
            try
            {
                await hold.EnterAsync(cancellationToken).ConfigureAwait(false);
                await hold.LeaveAsync().ConfigureAwait(false);
                if (await TryOnceAsync(cell, services, hold, runId, deaths, logger, cancellationToken).ConfigureAwait(false) is { } ended) return ended;
                await cell.WaitForDeathAsync(DeathNotice, cancellationToken).ConfigureAwait(false);
                hold.LetGoOfCell();
                RunLog.CellDied(logger, runId, cell.Id, deaths + 1);
            }
            catch (OperationCanceledException)
            {
                return RunOutcome.LeftOpen;
            }
            catch (JournalStorageException e)
            {
                RunLog.StorageFailed(logger, runId, cell.Id, e.Message);
                return RunOutcome.Postponed;
            }
            catch (RunConflictException)
            {
                return RunOutcome.Ended; // cancelled after it was taken from the queue and before it began
            }
            catch (Exception e) when (e is SandboxException or OnCellException)
            {
                // The cell could not be woken. The run is not to blame, but nobody is served by waiting without end.
                RunLog.CellUnavailable(logger, runId, cell.Id, e);
                await FailAsync(cell, runId, e, cancellationToken).ConfigureAwait(false);
                return RunOutcome.Ended;
            }
        }
    }

    /// <returns>How it came out; <see langword="null"/> where the cell died and it is to be taken up anew.</returns>
    private static async Task<RunOutcome?> TryOnceAsync(
        LiveCell cell, CellServices services, RunHold hold, string runId, int deaths, ILogger logger, CancellationToken cancellationToken)
    {
        var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
        await using var run = await journal.ResumeRunAsync(runId, cancellationToken).ConfigureAwait(false);
        using var session = new RunSession(cell, hold, run, services.Models, cancellationToken);
        try
        {
            var result = await InvokeAsync(cell, services, session).ConfigureAwait(false);
            session.ThrowIfBroken();
            var json = session.Redactor.Redact(result?.ToJsonString(OnCellJson.Options) ?? "null");
            await run.CompleteAsync(json, cancellationToken).ConfigureAwait(false);
            await session.ForgetCommandsAsync().ConfigureAwait(false);
            return RunOutcome.Ended;
        }
        catch (Exception e)
        {
            var cause = session.Broken ?? e;
            switch (cause)
            {
                case SandboxLostException or SandboxDisconnectedException when deaths + 1 < MaxDeaths:
                    return null;
                case SandboxLostException or SandboxDisconnectedException:
                    cause = new OnCellException(OnCellError.Failed,
                        $"The cell died {MaxDeaths} times under this run, which was given up: {cause.Message}. Does it need more memory (CellSpec.Compute)?", cause);
                    break;
                case JournalStorageException:
                    ExceptionDispatchInfo.Throw(cause);
                    break;
                case RunSuspendedException:
                    RunLog.Suspended(logger, runId, cell.Id, cause.Message);
                    return RunOutcome.LeftOpen;
                case OperationCanceledException when cancellationToken.IsCancellationRequested:
                    return RunOutcome.LeftOpen;
                case OperationCanceledException when run.Stopping.IsCancellationRequested:
                    await run.EndCancelledAsync(CancellationToken.None).ConfigureAwait(false);
                    await session.ForgetCommandsAsync().ConfigureAwait(false);
                    return RunOutcome.Ended;
            }

            var outcome = await EndFailedAsync(cell, run, session, cause, logger).ConfigureAwait(false);
            if (outcome == RunOutcome.Ended) await session.ForgetCommandsAsync().ConfigureAwait(false);
            return outcome;
        }
    }

    private static async Task<RunOutcome> EndFailedAsync(LiveCell cell, JournalRun run, RunSession session, Exception cause, ILogger logger)
    {
        RunLog.Failed(logger, run.Id, cell.Id, session.Redactor.Redact(cause.ToString()));
        try
        {
            // A cell that died says nothing of the code.
            await (session.Broken is null ? run.FailAsync(ErrorOf(cause), CancellationToken.None)
                : run.GiveUpAsync(ErrorOf(cause), CancellationToken.None)).ConfigureAwait(false);
            return RunOutcome.Ended;
        }
        catch (RunDivergedException difference)
        {
            RunLog.Suspended(logger, run.Id, cell.Id, difference.Message);
            return RunOutcome.LeftOpen;
        }
    }

    private static async Task<JsonNode?> InvokeAsync(LiveCell cell, CellServices services, RunSession session)
    {
        await using var scope = services.Provider.CreateAsyncScope();
        using var code = services.Agents.Lease(cell.Record, session.Run.CodeVersion);
        var agent = code.Agent.Create(scope.ServiceProvider);
        var context = new CellContext(session, services.Loggers.CreateLogger(code.Agent.Type));
        if (session.Run.Method == Setup)
        {
            await agent.SetupAsync(context).ConfigureAwait(false);
            return null;
        }

        var input = JsonNode.Parse(session.Run.InputJson)!.AsObject();
        return await (CellToolMethods.Find(session.Run.Method) ?? AgentCatalog.GetMethod(code.Agent, session.Run.Method))
            .InvokeAsync(agent, input, context, session.CancellationToken).ConfigureAwait(false);
    }

    private static async Task FailAsync(LiveCell cell, string runId, Exception error, CancellationToken cancellationToken)
    {
        var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
        await using var run = await journal.ResumeRunAsync(runId, cancellationToken).ConfigureAwait(false);
        await run.GiveUpAsync(ErrorOf(error), cancellationToken).ConfigureAwait(false);
    }

    private static RunError ErrorOf(Exception e) => e is StepFailedException failed ? failed.Error : RunError.From(e);
}

/// <summary>How an execution of a run came out.</summary>
internal enum RunOutcome
{
    /// <summary>The run has ended.</summary>
    Ended,

    /// <summary>It is left open, for a person to decide about, or for the next process.</summary>
    LeftOpen,

    /// <summary>It could not go on, mostly since its journal had no space to be written: to be taken up again later.</summary>
    Postponed,
}

internal static partial class RunLog
{
    [LoggerMessage(1290, LogLevel.Debug, "The end of run {Run} of {Customer} was not told to those who watch")]
    public static partial void NotTold(ILogger logger, string run, string customer, Exception error);

    [LoggerMessage(1200, LogLevel.Warning, "Run {Run} of {Customer} failed: {Error}")]
    public static partial void Failed(ILogger logger, string run, string customer, string error);

    [LoggerMessage(1201, LogLevel.Warning, "The cell died under run {Run} of {Customer} (time {Deaths}); the run is taken up on a fresh sandbox")]
    public static partial void CellDied(ILogger logger, string run, string customer, int deaths);

    [LoggerMessage(1202, LogLevel.Error, "Run {Run} of {Customer} cannot go on: its cell cannot be woken")]
    public static partial void CellUnavailable(ILogger logger, string run, string customer, Exception error);

    [LoggerMessage(1204, LogLevel.Information, "Run {Run} of {Customer} does not go on: {Reason}")]
    public static partial void Suspended(ILogger logger, string run, string customer, string reason);

    [LoggerMessage(1205, LogLevel.Error, "Run {Run} of {Customer} waits for its journal and is then taken up by itself: {Reason}")]
    public static partial void StorageFailed(ILogger logger, string run, string customer, string reason);

    [LoggerMessage(1206, LogLevel.Error, "Run {Run} of {Customer} stopped for a reason that is not its own, and is taken up again later by itself")]
    public static partial void Postponed(ILogger logger, string run, string customer, Exception error);

    [LoggerMessage(1203, LogLevel.Information, "Taking up {Count} runs of {Customer} that an earlier process left open")]
    public static partial void TakingUp(ILogger logger, int count, string customer);
}
