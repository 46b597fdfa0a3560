namespace OnCell.Guest.Threading;

/// <summary>Threads that wait a while for the next job before they end.</summary>
/// <remarks>
/// The guest's work is blocking system calls, one thread to a job. The runtime's own pool would start timers and
/// hill climbing in every cell; making a thread each time costs a third of a millisecond under gVisor.
/// </remarks>
internal sealed class WorkerPool(int maxThreads)
{
    private const int IdleMilliseconds = 20_000;
    private const int StackBytes = 256 * 1024;

    private readonly object _gate = new();
    private readonly Queue<Action> _handedOver = new();
    private int _idle;
    private int _threads;

    /// <summary>Runs a job on a thread of its own; <see langword="false"/> when too many run already.</summary>
    public bool TryRun(Action job)
    {
        lock (_gate)
        {
            if (_idle > _handedOver.Count)
            {
                _handedOver.Enqueue(job);
                Monitor.Pulse(_gate);
                return true;
            }
            if (_threads >= maxThreads)
                return false;
            _threads++;
        }
        return TryStart(job);
    }

    private bool TryStart(Action job)
    {
        try
        {
            new Thread(() => Work(job), StackBytes) { IsBackground = true }.Start();
            return true;
        }
        catch (OutOfMemoryException e)
        {
            // What the runtime says when the cell has no thread left to give, as under a fork bomb.
            Log.Error("no thread", e);
            lock (_gate)
                _threads--;
            return false;
        }
    }

    private void Work(Action? job)
    {
        while (job is not null)
        {
            try
            {
                job();
            }
            catch (Exception e)
            {
                // The guest is process 1: one job's fault must not end the cell.
                Log.Error("a job failed", e);
            }
            job = WaitForNext();
        }
    }

    private Action? WaitForNext()
    {
        lock (_gate)
        {
            _idle++;
            while (_handedOver.Count == 0 && Monitor.Wait(_gate, IdleMilliseconds))
            {
            }
            _idle--;
            if (_handedOver.TryDequeue(out var next))
                return next;
            _threads--;
            return null;
        }
    }
}
