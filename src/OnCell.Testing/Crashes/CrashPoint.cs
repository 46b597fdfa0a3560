using OnCell.Journaling;
using OnCell.Journaling.Storage;

namespace OnCell.Testing.Crashes;

/// <summary>Where the service of a test dies: it counts the points that a run passes and stops everything at one of them.</summary>
internal sealed class CrashPoint : IDisposable
{
    private readonly Lock _lock = new();
    private ManualResetEventSlim _released = new();
    private TaskCompletionSource _crashed = NewSource();
    private int _target = int.MaxValue;
    private int _passed;
    private volatile bool _dead;

    /// <summary>Gets how many points were passed.</summary>
    public int Passed => Volatile.Read(ref _passed);

    /// <summary>Gets what is named where the service died.</summary>
    public string Place { get; private set; } = "";

    /// <summary>Gets whether the cell dies with the service.</summary>
    public bool WithCell { get; private set; }

    /// <summary>Gets a task that ends when the service has died.</summary>
    public Task Crashed => _crashed.Task;

    /// <summary>Has the service die at a point that is yet to come.</summary>
    public void Arm(int point, bool withCell)
    {
        WithCell = withCell;
        Volatile.Write(ref _target, point);
    }

    /// <summary>Passes a point of the journal's write protocol, or dies there.</summary>
    public void Reach(ProtocolPoint point)
    {
        if (point is ProtocolPoint.BeforeStart or ProtocolPoint.AfterStart or ProtocolPoint.AfterBody or ProtocolPoint.AfterEnd)
            Reach(point.ToString());
        else
            ThrowIfDead();
    }

    /// <summary>Passes a point, or dies there.</summary>
    /// <param name="place">What the point is.</param>
    /// <param name="onDeath">What still takes place outside of the service when it dies here.</param>
    public void Reach(string place, Action? onDeath = null)
    {
        lock (_lock)
        {
            if (!_dead && Interlocked.Increment(ref _passed) - 1 == _target)
            {
                Place = place;
                onDeath?.Invoke();
                _dead = true;
                _crashed.TrySetResult();
            }
        }

        ThrowIfDead();
    }

    /// <summary>Stands still where the service is dead, until its remains are cleared away.</summary>
    public void ThrowIfDead()
    {
        if (!_dead) return;
        _released.Wait(TimeSpan.FromMinutes(1));
        throw new SimulatedCrashException();
    }

    /// <summary>Lets go of what stands at the point of the crash, since its service ends.</summary>
    public void Release() => _released.Set();

    /// <summary>Begins another life, which does not die unless it is armed.</summary>
    public void Revive()
    {
        if (!_dead) return;
        _target = int.MaxValue;
        _released.Dispose();
        _released = new ManualResetEventSlim();
        _crashed = NewSource();
        _dead = false;
    }

    public void Dispose() => _released.Dispose();

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The service died here, in a test. To its run it is as a lost lease: nothing more is written.</summary>
internal sealed class SimulatedCrashException() : RunSuspendedException("The service died here, in a test.");
