using System.Text.Json;
using OnCell.Journaling;
using OnCell.Runs;

namespace OnCell;

/// <content>What code would take from the world and must take from the journal: own effects, branches, waiting, time, chance.</content>
public sealed partial class CellContext
{
    /// <summary>Does something of the agent's own as a step: a call of another system, a payment, a message.</summary>
    /// <typeparam name="T">The type of the result, kept as JSON.</typeparam>
    /// <param name="name">What it is, for people; 1 to 1,000 characters, the same in every execution.</param>
    /// <param name="effect">What it does to the world, which decides what happens after a crash in the middle of it.</param>
    /// <param name="body">
    /// What does it. <see cref="StepExecution.Key"/> is its idempotency key; <see cref="StepExecution.SetMemory"/> writes to
    /// the customer's memory together with the step's end.
    /// </param>
    /// <param name="options">Retries, probe, time limit.</param>
    /// <returns>What the body returned; after a crash, what it had returned.</returns>
    /// <exception cref="StepFailedException">The body failed, now or before the crash.</exception>
    public Task<T> StepAsync<T>(
        string name, StepEffect effect, Func<StepExecution, CancellationToken, Task<T>> body, StepOptions<T>? options = null) =>
        OwnStep.RunAsync(_session, name, effect, body, options ?? new StepOptions<T>());

    /// <summary>Works on something beside other work: the branch counts its own steps, so branches may go on in any order.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="name">1 to 64 letters, digits, '-' and '_', beginning with a letter; each name once.</param>
    /// <param name="work">The work, on a context of its own. It must not use the outer context.</param>
    /// <example>
    /// <code>
    /// var reports = await Task.WhenAll(parts.Select((part, i) => ctx.BranchAsync($"part-{i}", branch => ReviewAsync(branch, part))));
    /// </code>
    /// </example>
    /// <exception cref="ArgumentException">The name is not of that form, or was taken.</exception>
    public Task<T> BranchAsync<T>(string name, Func<CellContext, Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        _session.ThrowIfBroken();
        return work(new CellContext(_session.Branch(name), _logger));
    }

    /// <inheritdoc cref="BranchAsync{T}(string, Func{CellContext, Task{T}})"/>
    public Task BranchAsync(string name, Func<CellContext, Task> work) =>
        BranchAsync(name, async branch =>
        {
            await work(branch).ConfigureAwait(false);
            return true;
        });

    /// <summary>Waits for the first of some tasks to end; which one it was is kept.</summary>
    /// <param name="tasks">The tasks, in the same order in every execution.</param>
    /// <returns>The index of the task that ended first in the first execution.</returns>
    public Task<int> WhenAnyAsync(IReadOnlyList<Task> tasks) => _session.WaitAsync((scope, token) => scope.WhenAnyAsync(tasks, token));

    /// <summary>Waits. The time to wake is stored first, so a restart does not begin the wait anew.</summary>
    /// <param name="delay">How long; not negative.</param>
    public Task DelayAsync(TimeSpan delay) => _session.WaitLongAsync(async (scope, token) =>
    {
        await scope.DelayAsync(delay, token).ConfigureAwait(false);
        return true;
    });

    /// <summary>Waits for a signal sent with <see cref="ICellManager.SignalRunAsync"/>, now or before: an approval, an answer.</summary>
    /// <typeparam name="T">The type of the payload.</typeparam>
    /// <param name="name">The signal's name.</param>
    /// <param name="timeout">How long to wait at most, from the first time this step is begun; none for ever.</param>
    /// <returns>The payload, or that the time was up.</returns>
    /// <exception cref="OnCellException">The payload does not have the form of <typeparamref name="T"/>; the signal is taken all the same.</exception>
    public async Task<SignalResult<T>> WaitForSignalAsync<T>(string name, TimeSpan? timeout = null)
    {
        var signal = await _session.WaitLongAsync((scope, token) => scope.WaitForSignalAsync<JsonElement>(name, timeout, token)).ConfigureAwait(false);
        if (!signal.Received) return new SignalResult<T>(false, default);
        try
        {
            return new SignalResult<T>(true, signal.Payload.Deserialize<T>(OnCellJson.For<T>()));
        }
        catch (JsonException e)
        {
            throw new OnCellException(OnCellError.Invalid, $"The payload of the signal \"{name}\" is not a {typeof(T).Name}: {e.Message}", e);
        }
    }

    /// <summary>Gets the time of the first execution, the same in every one.</summary>
    public Task<DateTimeOffset> NowAsync() => _session.WaitAsync((scope, token) => scope.NowAsync(token));

    /// <summary>Makes an id that is the same in every execution.</summary>
    public Guid NewGuid() => _session.Scope.NewGuid();

    /// <summary>Draws random numbers that are the same in every execution; not for secrets.</summary>
    public Random NewRandom() => _session.Scope.NewRandom();
}
