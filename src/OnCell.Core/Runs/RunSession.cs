using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using OnCell.Cells;
using OnCell.Journaling;
using OnCell.Models;
using OnCell.Sandboxes;
using OnCell.Secrets;

namespace OnCell.Runs;

/// <summary>One execution of a run: the journal's run, the cell, and what they share. The only way from the context to effects.</summary>
internal sealed class RunSession : IDisposable
{
    private static readonly TimeSpan ForgetLimit = TimeSpan.FromSeconds(10);

    private readonly RunSession _root;
    private readonly StepScope _place;
    private readonly RunHold _hold;
    private volatile bool _hasCommands;
    private readonly CancellationTokenSource _ends;
    private readonly AsyncLocal<StepScope?> _scope = new();
    private volatile Exception? _broken;

    public RunSession(LiveCell cell, RunHold hold, JournalRun run, ModelRouter models, CancellationToken cancellationToken)
    {
        _root = this;
        Cell = cell;
        _hold = hold;
        Run = run;
        _place = run;
        Models = models;
        _ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.Stopping);
    }

    private RunSession(RunSession outer, StepScope scope)
    {
        _root = outer._root;
        Cell = outer.Cell;
        _hold = outer._hold;
        Run = outer.Run;
        _place = scope;
        Models = outer.Models;
        _ends = outer._ends;
    }

    public LiveCell Cell { get; }

    public JournalRun Run { get; }

    public ModelRouter Models { get; }

    /// <summary>Gets what removes the customer's secrets from text that leaves a step.</summary>
    public Redactor Redactor => Cell.Secrets.Redactor;

    /// <summary>Gets whether the cell's policy keeps what it holds on this host: only local models may be asked.</summary>
    public bool AirGapped => Cell.Spec.Network.AirGapped;

    public CancellationToken CancellationToken => _ends.Token;

    /// <summary>Gets where the next step is counted: the run, a branch of it, or the step whose body asks for steps of its own.</summary>
    public StepScope Scope => _scope.Value ?? _place;

    /// <summary>Gets what ended this execution, though not the run: the cell died, or the journal took the run away.</summary>
    public Exception? Broken => _root._broken;

    /// <summary>The same execution in a branch, which counts its own steps: the end of one is the end of all.</summary>
    public RunSession Branch(string name) => new(this, Scope.Branch(name));

    /// <summary>Gives the saved result of a step, or executes it.</summary>
    /// <remarks>
    /// When the cell dies under a step, the step stays unfinished and this execution is over: the agent may catch what it
    /// likes, every later step throws again, and the run is taken up anew on a fresh sandbox.
    /// </remarks>
    public async Task<T> StepAsync<T>(StepSpec<T> step)
    {
        ThrowIfBroken();
        if (step.Kind == ShellStep.Kind) _root._hasCommands = true;
        var executed = false;
        var holds = true;
        var redactor = Redactor;
        var guarded = step with
        {
            Serializer = redactor.IsEmpty ? step.Serializer : new RedactingSerializer<T>(step.Serializer, redactor),
            Body = (execution, token) =>
            {
                executed = true;
                return GuardAsync(step.Body(execution, token));
            },
            Probe = step.Probe is { } probe ? (execution, token) => GuardAsync(probe(execution, token)) : null,
            AroundWait = async wait =>
            {
                holds = false;
                await _hold.LeaveAsync().ConfigureAwait(false);
                await _hold.WaitAsync(wait).ConfigureAwait(false);
                await EnterAsync().ConfigureAwait(false);
                holds = true;
            },
        };
        await EnterAsync().ConfigureAwait(false);
        try
        {
            var result = await Scope.StepAsync(guarded, CancellationToken).ConfigureAwait(false);
            if (!executed) Publish("step.replayed", new JsonObject { ["kind"] = step.Kind, ["name"] = redactor.Redact(step.Name) });
            return result;
        }
        catch (Exception e) when (IsEnd(e))
        {
            Break(e);
            throw;
        }
        finally
        {
            if (holds) await _hold.LeaveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Waits for something that only the journal knows: a timer, a signal, the time.</summary>
    public async Task<T> WaitAsync<T>(Func<StepScope, CancellationToken, Task<T>> wait)
    {
        ThrowIfBroken();
        try
        {
            return await wait(Scope, CancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e))
        {
            Break(e);
            throw;
        }
    }

    /// <summary>Waits, maybe for long: meanwhile the run gives its place back and its cell may be paused.</summary>
    public async Task<T> WaitLongAsync<T>(Func<StepScope, CancellationToken, Task<T>> wait)
    {
        T? waited = default;
        await _hold.WaitAsync(async () => waited = await WaitAsync(wait).ConfigureAwait(false)).ConfigureAwait(false);
        return waited!;
    }

    /// <summary>Does the work of a step whose own calls on the context are its sub-steps: what a model's tool does, for one.</summary>
    /// <remarks>
    /// The scope flows with the work, since a tool is the author's function and holds the context it was made over. Counted in
    /// the run, its steps would be asked for live and not when the answer is replayed.
    /// </remarks>
    public async Task<T> WithinAsync<T>(StepScope scope, Func<Task<T>> work)
    {
        _scope.Value = scope; // of this method and what it calls, as an asynchronous method restores its caller's context
        return await work().ConfigureAwait(false);
    }

    /// <summary>
    /// Has the guest forget the commands of a run that has ended, in all its executions: their results are in the journal, their
    /// space is the cell's, and what they wrote may hold a secret.
    /// </summary>
    public async Task ForgetCommandsAsync()
    {
        if (!_root._hasCommands) return;
        using var limit = new CancellationTokenSource(ForgetLimit);
        try
        {
            await _hold.EnterAsync(limit.Token).ConfigureAwait(false); // a run that ended waiting may have let its cell be paused
            var sandbox = await Cell.GetSandboxAsync(limit.Token).ConfigureAwait(false);
            foreach (var command in await sandbox.ListExecsAsync(limit.Token).ConfigureAwait(false))
            {
                if (command.State != ExecState.Running && command.Key.StartsWith(Run.Id + "/", StringComparison.Ordinal))
                    await sandbox.ForgetExecAsync(command.Key, limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SandboxException or OperationCanceledException)
        {
            // The guest keeps old records within a budget of its own; forgetting them early is a courtesy.
            return;
        }

        await _hold.LeaveAsync().ConfigureAwait(false);
    }

    /// <summary>Tells whether a person cancelled the run, as the journal has it.</summary>
    public async Task<bool> IsCancelledAsync()
    {
        if (!Run.Stopping.IsCancellationRequested) return false;
        var journal = await Cell.GetJournalAsync(CancellationToken.None).ConfigureAwait(false);
        return await journal.GetRunAsync(Run.Id, CancellationToken.None).ConfigureAwait(false) is { CancelRequested: true };
    }

    /// <summary>Throws again what ended this execution.</summary>
    public void ThrowIfBroken()
    {
        if (Broken is { } broken) ExceptionDispatchInfo.Throw(broken);
        CancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Gets whether anybody listens to the run's live events.</summary>
    public bool IsHeard => Cell.Events.HasListeners(Run.Id);

    public void Publish(string type, JsonObject data)
    {
        if (IsHeard) Cell.Events.Publish(Run.Id, new RunEvent(null, type, data));
    }

    public void Dispose() => _ends.Dispose();

    /// <summary>Holds place and cell for a step. A cell that cannot be woken ends the execution, and no step has failed.</summary>
    private async Task EnterAsync()
    {
        try
        {
            await _hold.EnterAsync(CancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Break(e);
            throw;
        }
    }

    /// <summary>The death of the cell is not the step's failure: to the journal it is a cancelled step, which stays unfinished.</summary>
    private async Task<T> GuardAsync<T>(Task<T> work)
    {
        try
        {
            return await work.ConfigureAwait(false);
        }
        catch (SandboxException e) when (e is SandboxLostException or SandboxDisconnectedException)
        {
            Break(e);
            throw new OperationCanceledException(e.Message, e, CancellationToken);
        }
    }

    private static bool IsEnd(Exception e) => e is OperationCanceledException || (e is JournalException and not StepFailedException);

    private void Break(Exception e)
    {
        _root._broken ??= e;
        _ends.Cancel();
    }
}
