using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OnCell.Journaling;

/// <content>What code would take from the world and must take from the journal: time, chance, waiting.</content>
public abstract partial class StepScope
{
    /// <summary>The kind of the markers that say a run takes a changed way.</summary>
    internal const string PatchKind = "patch";

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(36_525);

    private int _draws;

    /// <summary>Waits. The time to wake is stored first, so a restart does not begin the wait anew.</summary>
    /// <param name="delay">How long; not negative, and at most a hundred years.</param>
    /// <param name="ct">Gives up; the run, when resumed, goes on waiting until the stored time.</param>
    /// <returns>A task that completes when the time has come.</returns>
    public Task DelayAsync(TimeSpan delay, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, LongestWait);
        return StepAsync(
            new StepSpec<bool>
            {
                Kind = "timer",
                Name = "delay",
                Arguments = [new StepArgument("delay", delay.ToString("c"), Volatile: true)],
                Effect = StepEffect.Idempotent,
                Delay = delay,
                Body = async (step, token) =>
                {
                    await Steps.Execution.WallClock.SleepUntilAsync(Run.Options.TimeProvider, step.Due!.Value, token).ConfigureAwait(false);
                    return true;
                },
            },
            ct);
    }

    /// <summary>Waits for a signal sent with <see cref="DurableJournal.SignalAsync"/>, now or before.</summary>
    /// <typeparam name="T">The type of the payload.</typeparam>
    /// <param name="name">The signal's name.</param>
    /// <param name="timeout">How long to wait at most, from the first time this step is begun; none for ever.</param>
    /// <param name="ct">Gives up; the signal stays for the next execution.</param>
    /// <returns>The payload, or that the time was up.</returns>
    public async Task<SignalResult<T>> WaitForSignalAsync<T>(string name, TimeSpan? timeout, CancellationToken ct)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (timeout > LongestWait)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, $"a wait is at most {LongestWait.TotalDays:N0} days; none is for ever.");
        var payload = await StepAsync(
            new StepSpec<string?>
            {
                Kind = "signal",
                Name = name,
                Effect = StepEffect.Idempotent,
                Delay = timeout,
                Body = (step, token) => Run.Signals.TakeAsync(step, name, token),
            },
            ct).ConfigureAwait(false);
        return payload is null
            ? new SignalResult<T>(false, default)
            : new SignalResult<T>(true, JsonSerializer.Deserialize<T>(payload, JsonSerializerOptions.Web));
    }

    /// <summary>Returns the time, the same in every execution.</summary>
    /// <param name="ct">Gives up.</param>
    /// <returns>The time of the first execution.</returns>
    public Task<DateTimeOffset> NowAsync(CancellationToken ct) =>
        ValueAsync("now", _ => Task.FromResult(Run.Options.TimeProvider.GetUtcNow()), ct);

    /// <summary>Waits for the first of some tasks to end; which one it was is kept.</summary>
    /// <param name="tasks">The tasks, in the same order in every execution.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The index of the task that ended first in the first execution.</returns>
    public Task<int> WhenAnyAsync(IReadOnlyList<Task> tasks, CancellationToken ct) => ValueAsync(
        "when any",
        async token =>
        {
            var first = await Task.WhenAny(tasks).WaitAsync(token).ConfigureAwait(false);
            return Enumerable.Range(0, tasks.Count).First(i => tasks[i] == first);
        },
        ct);

    /// <summary>Draws random numbers that are the same in every execution, without a write.</summary>
    /// <returns>A generator seeded by the run and the place of the call; not for secrets.</returns>
    public Random NewRandom() => new(BinaryPrimitives.ReadInt32LittleEndian(Draw()));

    /// <summary>Makes an id that is the same in every execution, without a write.</summary>
    /// <returns>An id made of the run and the place of the call.</returns>
    public Guid NewGuid() => new(Draw().AsSpan(0, 16), bigEndian: true);

    /// <summary>
    /// Says whether a run takes a changed way through the code: runs that were past this place before the change do not,
    /// all others do, for good.
    /// </summary>
    /// <param name="change">The change's name: letters, digits, '-' and '_'.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns><see langword="true"/> for the changed way.</returns>
    public Task<bool> PatchedAsync(string change, CancellationToken ct)
    {
        ArgumentException.ThrowIfNullOrEmpty(change);

        // Asked for once in an execution, by whichever branch comes first.
        return Run.Patches.GetOrAdd(change, name => new Lazy<Task<bool>>(() => MarkAsync(name, ct))).Value;
    }

    private Task<bool> MarkAsync(string change, CancellationToken ct)
    {
        // A run whose history goes on here without the marker was executed by the code before the change.
        var marker = PatchKind + ":" + change;
        if (Run.History.Find(marker) is null && Run.History.Find(NextPosition) is { FirstSequence: > 0 })
            return Task.FromResult(false);
        var step = new StepSpec<bool>
        {
            Kind = PatchKind,
            Name = change,
            Effect = StepEffect.Pure,
            Body = static (_, _) => Task.FromResult(true),
        };
        return new Steps.Execution.StepRunner<bool>(Run, step, marker).RunAsync(ct);
    }

    private byte[] Draw() => SHA256.HashData(
        Encoding.UTF8.GetBytes($"{Run.Seed}/{_prefix}draw {Interlocked.Increment(ref _draws)}"));

    private Task<T> ValueAsync<T>(string name, Func<CancellationToken, Task<T>> body, CancellationToken ct) => StepAsync(
        new StepSpec<T> { Kind = "context", Name = name, Effect = StepEffect.Read, Body = (_, token) => body(token) }, ct);
}
