using OnCell.Cells;

namespace OnCell.Runs;

/// <summary>What an executing run holds: one of the service's places, and its cell awake. While it only waits, it holds neither.</summary>
/// <remarks>
/// A step holds both from its begin to its end. A run that waits for a time, a signal, a decision or a step's next attempt, with
/// no step under way, gives both back, so that a cell whose run waits a week for an approval can be paused; what goes on takes
/// them again.
/// </remarks>
internal sealed class RunHold(LiveCell cell, RunSlots slots) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private RunSlots.Slot? _slot;
    private CellLease? _lease;
    private int _working;
    private int _waiting;
    private volatile bool _disposed;

    /// <summary>Takes place and cell where they are not held, for a piece of work.</summary>
    /// <exception cref="Sandboxes.SandboxException">The cell cannot be woken.</exception>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        using (await _turn.TakeAsync(cancellationToken).ConfigureAwait(false))
        {
            _slot ??= await slots.TakeAsync(cell.Id, cancellationToken).ConfigureAwait(false);
            _lease ??= await cell.AcquireAsync(cancellationToken).ConfigureAwait(false);
            _working++;
            if (!_disposed) return;

            // The run ended while a branch that nobody awaits began another step.
            Release();
            throw new OperationCanceledException("The run has ended.");
        }
    }

    /// <summary>Ends a piece of work.</summary>
    public async Task LeaveAsync()
    {
        using (await _turn.TakeAsync(CancellationToken.None).ConfigureAwait(false))
        {
            _working--;
            ReleaseIfWaiting();
        }
    }

    /// <summary>Waits for something that needs neither place nor cell.</summary>
    public async Task WaitAsync(Func<Task> wait)
    {
        using (await _turn.TakeAsync(CancellationToken.None).ConfigureAwait(false))
        {
            _waiting++;
            ReleaseIfWaiting();
        }

        try
        {
            await wait().ConfigureAwait(false);
        }
        finally
        {
            using (await _turn.TakeAsync(CancellationToken.None).ConfigureAwait(false)) _waiting--;
        }
    }

    /// <summary>Lets go of the cell, which died; the place stays.</summary>
    public void LetGoOfCell()
    {
        _lease?.Dispose();
        _lease = null;
    }

    public void Dispose()
    {
        _disposed = true;
        Release();
    }

    private void ReleaseIfWaiting()
    {
        if (_working == 0 && _waiting > 0) Release();
    }

    private void Release()
    {
        LetGoOfCell();
        _slot?.Dispose();
        _slot = null;
    }
}
