using System.Diagnostics;
using OnCell.Journaling.Diagnostics;
using OnCell.Journaling.Steps.History;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling.Steps.Execution;

/// <summary>
/// Takes one step from where its history ends to its result: commit the start, do it, commit the end, return. What has
/// no effect needs no start.
/// </summary>
internal sealed class StepRunner<T>
{
    private readonly JournalRun _run;
    private readonly StepSpec<T> _spec;
    private readonly StepWriter<T> _writer;
    private readonly byte[] _fingerprint;
    private readonly StepHistory _step;
    private readonly bool _known;
    private StepExecution? _execution;
    private CancellationToken _caller;

    public StepRunner(JournalRun run, StepSpec<T> spec, string position)
    {
        run.ThrowIfStopped();
        StepRules.Check(run, position, spec);
        _run = run;
        _spec = spec;
        _fingerprint = StepFingerprint.Compute(spec.Kind, spec.Name, spec.Arguments);
        _step = run.History.Open(position);
        _known = _step.FirstSequence > 0;
        run.LastAsked = _step;
        _writer = new StepWriter<T>(run, spec, _step, _fingerprint);
    }

    private bool HasEffect => _spec.Effect is not (StepEffect.Pure or StepEffect.Read);

    public async Task<T> RunAsync(CancellationToken ct)
    {
        using var activity = JournalTelemetry.StartStep(_run, _spec.Kind);
        activity?.SetTag(JournalTelemetry.RunId, _run.Id).SetTag(JournalTelemetry.StepPosition, _step.Position)
            .SetTag(JournalTelemetry.StepName, _spec.Name).SetTag(JournalTelemetry.EffectTag, _spec.Effect.ToString())
            .SetTag(JournalTelemetry.Replayed, _step.HasEnded);
        if (_known && (_step.Kind != _spec.Kind || !_step.Fingerprint.AsSpan().SequenceEqual(_fingerprint)))
            throw await _run.DivergeAsync(_step, StepRules.Describe(_run, _step, _spec)).ConfigureAwait(false);

        var replayed = _step.HasEnded;
        if (replayed)
            _run.CountReplayed();
        else if (_run.ReplayOnly)
            throw _run.EndReplay(_step.Position);

        var began = Stopwatch.GetTimestamp();
        try
        {
            var value = replayed ? await TakeAsync(ct).ConfigureAwait(false) : await LiveAsync(ct).ConfigureAwait(false);
            activity?.SetStatus(ActivityStatusCode.Ok);
            return value;
        }
        catch (Exception error)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error.GetType().Name);
            throw;
        }
        finally
        {
            _execution?.ReleaseFiles();
            if (_step.HasEnded)
                _run.History.Close(_step);
            JournalTelemetry.CountStep(_spec.Effect, replayed, began);
        }
    }

    private async Task<T> LiveAsync(CancellationToken ct)
    {
        _caller = ct;
        using var linked = ct.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(ct, _run.Stopping) : null;
        var token = linked?.Token ?? _run.Stopping;
        try
        {
            // The end of the history is where an earlier process died, so a start found there is in doubt.
            var outcome = _step.Tail == StepTail.Started ? await ResolveAsync(token).ConfigureAwait(false) : default;
            while (!outcome.HasEnded)
                outcome = await AdvanceAsync(token).ConfigureAwait(false);
            return outcome.Value!;
        }
        catch (OperationCanceledException) when (IsStopping(token))
        {
            // Neither a result nor a failure: the step stays as the journal has it, for the next execution.
            _run.ThrowIfStopped();
            ct.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>
    /// Linked tokens are cancelled one after the other, a sub-step's before its parent's: the parent may hear of the
    /// cancellation from its sub-step before its own token shows it.
    /// </summary>
    private bool IsStopping(CancellationToken token) =>
        token.IsCancellationRequested || _caller.IsCancellationRequested || _run.Stopping.IsCancellationRequested;

    /// <summary>Takes the step one record further.</summary>
    private async Task<Outcome> AdvanceAsync(CancellationToken token)
    {
        switch (_step.Tail)
        {
            case StepTail.None:
                return await AttemptAsync(1, token).ConfigureAwait(false);
            case StepTail.Interrupted:
                return await AttemptAsync(_step.Attempt + 1, token).ConfigureAwait(false);
            case StepTail.Retrying:
                await WaitAsync(() => WallClock.SleepUntilAsync(_run.Options.TimeProvider, _step.Due!.Value, token)).ConfigureAwait(false);
                return await AttemptAsync(_step.Attempt + 1, token).ConfigureAwait(false);
            case StepTail.Parked:
                _writer.TellParked();
                await WaitAsync(() => _step.DecidedAsync(token)).ConfigureAwait(false);
                return default;
            default:
                return new Outcome(await TakeAsync(token).ConfigureAwait(false));
        }
    }

    private Task WaitAsync(Func<Task> wait) => _spec.AroundWait is { } around ? around(wait) : wait();

    /// <summary>Decides about an attempt that an earlier process began and did not end.</summary>
    private async Task<Outcome> ResolveAsync(CancellationToken token)
    {
        switch (_spec.Effect)
        {
            case StepEffect.Unsafe:
                await _writer.ParkAsync().ConfigureAwait(false);
                return default;
            case StepEffect.Verifiable:
                return await ProbeAsync(token).ConfigureAwait(false);
            default:
                return await ExecuteAsync(Execution(_step.Attempt, inDoubt: true), token).ConfigureAwait(false);
        }
    }

    private async Task<Outcome> ProbeAsync(CancellationToken token)
    {
        var execution = Execution(_step.Attempt, inDoubt: true);
        var probe = await _spec.Probe!(execution, token).ConfigureAwait(false);
        if (probe.Found)
            return await EndAsync(execution, probe.Value!).ConfigureAwait(false);
        await _writer.InterruptAsync("the probe did not find the effect").ConfigureAwait(false);
        return default;
    }

    private async Task<Outcome> AttemptAsync(int attempt, CancellationToken token)
    {
        var execution = Execution(attempt, inDoubt: false);
        _run.Faults.Hit(ProtocolPoint.BeforeStart);
        if (HasEffect)
            await _writer.StartAsync(execution).ConfigureAwait(false);
        else
            _writer.BeginUnwritten();
        _run.Faults.Hit(ProtocolPoint.AfterStart);
        if (_spec.Delay is not null)
            execution = Execution(attempt, inDoubt: false);
        return await ExecuteAsync(execution, token).ConfigureAwait(false);
    }

    private async Task<Outcome> ExecuteAsync(StepExecution execution, CancellationToken token)
    {
        using var activity = JournalTelemetry.Activities.StartActivity(JournalTelemetry.AttemptActivity);
        activity?.SetTag(JournalTelemetry.Attempt, execution.Attempt).SetTag(JournalTelemetry.InDoubt, execution.InDoubt)
            .SetTag(JournalTelemetry.Replayed, false);
        try
        {
            return await CallAsync(execution, token).ConfigureAwait(false);
        }
        finally
        {
            // What the records say: an attempt without one is in doubt.
            var outcome = _step.Tail is StepTail.None or StepTail.Started ? "Stopped" : _step.Tail.ToString();
            activity?.SetTag(JournalTelemetry.Outcome, outcome);
            JournalTelemetry.CountAttempt(outcome);
        }
    }

    private async Task<Outcome> CallAsync(StepExecution execution, CancellationToken token)
    {
        T value;
        try
        {
            token.ThrowIfCancellationRequested();
            value = await _spec.Body(execution, token).ConfigureAwait(false);
        }
        catch (StepInterruptedException error)
        {
            return await InterruptedAsync(execution, error, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsStopping(token))
        {
            throw;
        }
        catch (Exception error) when (error is not (RunSuspendedException or JournalStorageException))
        {
            // Told to stop, a body may fail in any way. That is not the step's own failure, which would be kept for good.
            return token.IsCancellationRequested
                ? throw new OperationCanceledException($"run {_run.Id} step {_step.Position} was told to stop.", error, token)
                : await FailedAsync(execution, error).ConfigureAwait(false);
        }

        _run.Faults.Hit(ProtocolPoint.AfterBody);
        return await EndAsync(execution, value).ConfigureAwait(false);
    }

    private async Task<Outcome> EndAsync(StepExecution execution, T value)
    {
        ReadOnlyMemory<byte> bytes;
        T kept;
        try
        {
            bytes = _writer.Serialize(value);

            // The caller gets what a replay would get, so a lossy serializer shows at once and not after a crash.
            kept = _spec.Serializer.Read(bytes.Span);
        }
        catch (Exception error)
        {
            var failure = new JournalException(
                $"run {_run.Id} step {_step.Position} ({_spec.Kind} {_spec.Name}) was done, but its result cannot be kept: {error.Message}", error);
            await _writer.FailAsync(execution, RunError.From(failure)).ConfigureAwait(false);
            throw Failure(failure);
        }

        await _writer.EndAsync(execution, bytes).ConfigureAwait(false);
        _run.Faults.Hit(ProtocolPoint.AfterEnd);
        return new Outcome(kept);
    }

    private async Task<Outcome> InterruptedAsync(StepExecution execution, StepInterruptedException error, CancellationToken token)
    {
        JournalLog.Interrupted(_run.Options.Logger, _run.Id, _step.Position, execution.Attempt);
        if (_spec.InterruptedRule == InterruptedRule.Park)
        {
            await _writer.ParkAsync().ConfigureAwait(false);
            return default;
        }

        if (_step.Interruptions >= _run.Options.MaxInterruptions)
        {
            await _writer.FailAsync(execution, RunError.From(error)).ConfigureAwait(false);
            throw Failure(error);
        }

        if (_spec.InterruptedRule == InterruptedRule.Probe)
            return await ProbeAsync(token).ConfigureAwait(false);
        await _writer.InterruptAsync(error.Message).ConfigureAwait(false);
        return default;
    }

    private async Task<Outcome> FailedAsync(StepExecution execution, Exception error)
    {
        if (_spec.Retry is { } retry && execution.Attempt - _step.Interruptions < retry.MaxAttempts && retry.ShouldRetry(error))
        {
            var delay = retry.DelayAfter(execution.Attempt - _step.Interruptions);
            JournalLog.Retrying(_run.Options.Logger, _run.Id, _step.Position, execution.Attempt, delay);
            await _writer.RetryAsync(execution, RunError.From(error), delay).ConfigureAwait(false);
            return default;
        }

        await _writer.FailAsync(execution, RunError.From(error)).ConfigureAwait(false);
        throw Failure(error);
    }

    /// <summary>Returns what the journal has of a step that ended.</summary>
    private async Task<T> TakeAsync(CancellationToken ct)
    {
        if (_step.Tail == StepTail.Failed)
            throw Failure(null);
        var bytes = await _run.Store.ReadValueAsync(_step.LastSequence, ct).ConfigureAwait(false);
        try
        {
            return _spec.Serializer.Read(bytes);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new JournalException(
                $"{_run.Label} step {_step.Position} ({_spec.Kind} {_spec.Name}): the result in the journal cannot be read as "
                + $"{typeof(T)} ({error.Message}). Keep its type readable, or fork the run before this step.", error);
        }
    }

    private StepFailedException Failure(Exception? cause)
    {
        var error = StepRules.ErrorOf(_step);
        return new StepFailedException(
            $"run {_run.Id} step {_step.Position} ({_spec.Kind} {_spec.Name}) failed: {error.Message}", _step.Position, error, cause);
    }

    private StepExecution Execution(int attempt, bool inDoubt)
    {
        var key = inDoubt ? KeyInDoubt() : StepRules.Key(_run, _step.Position, _spec.Effect, attempt);
        _execution?.ReleaseFiles();
        return _execution = new StepExecution(_run, _step.Position, key, attempt, inDoubt, _step.Due);
    }

    /// <summary>Returns the key of the attempt in doubt, which a restored backup or a fork would not derive anew.</summary>
    private string KeyInDoubt()
    {
        if (_step.Key is { } key)
            return key;
        using var lease = _run.Store.Readers.Rent();
        return LogReader.Key(lease.Database, _step.LastSequence)
            ?? throw new JournalCorruptException($"{_run.Label} step {_step.Position} was begun without a key: restore a backup.");
    }

    private readonly record struct Outcome
    {
        public Outcome(T value) => (HasEnded, Value) = (true, value);

        public bool HasEnded { get; }

        public T? Value { get; }
    }
}
