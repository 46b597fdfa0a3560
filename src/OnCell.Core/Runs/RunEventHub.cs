using System.Collections.Immutable;
using System.Threading.Channels;

namespace OnCell.Runs;

/// <summary>Hands the unstored events of a cell's runs (output, progress, replays) to whoever listens now.</summary>
internal sealed class RunEventHub
{
    private const int Capacity = 1024;

    private ImmutableArray<Subscription> _subscriptions = [];
    private ImmutableArray<Shown> _shown = [];

    /// <summary>Listens to one run. A listener that falls behind loses the oldest events, never holds up the run.</summary>
    public Subscription Subscribe(string runId)
    {
        var subscription = new Subscription(this, runId);
        ImmutableInterlocked.Update(ref _subscriptions, (all, one) => all.Add(one), subscription);
        foreach (var shown in _shown.Where(s => s.RunId == runId)) shown.Tell(e => subscription.Channel.Writer.TryWrite(e));
        return subscription;
    }

    /// <summary>Has every listener that comes from now on be told first what has been going on.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="tell">Tells it, in turn with the events of the same thing.</param>
    /// <returns>What ends this.</returns>
    public IDisposable Show(string runId, Action<Action<RunEvent>> tell)
    {
        var shown = new Shown(this, runId, tell);
        ImmutableInterlocked.Update(ref _shown, (all, one) => all.Add(one), shown);
        return shown;
    }

    public void Publish(string runId, RunEvent e)
    {
        foreach (var subscription in _subscriptions)
        {
            if (subscription.RunId == runId) subscription.Channel.Writer.TryWrite(e);
        }
    }

    /// <summary>Ends the listening to a run that has ended.</summary>
    public void Close(string runId)
    {
        foreach (var subscription in _subscriptions.Where(s => s.RunId == runId)) subscription.Dispose();
    }

    /// <summary>Tells whether anybody listens, so that nobody makes events for nobody.</summary>
    public bool HasListeners(string runId) => _subscriptions.Any(s => s.RunId == runId);

    internal sealed class Subscription(RunEventHub hub, string runId) : IDisposable
    {
        public string RunId { get; } = runId;

        public Channel<RunEvent> Channel { get; } = System.Threading.Channels.Channel.CreateBounded<RunEvent>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });

        public ChannelReader<RunEvent> Reader => Channel.Reader;

        public void Dispose()
        {
            ImmutableInterlocked.Update(ref hub._subscriptions, (all, one) => all.Remove(one), this);
            Channel.Writer.TryComplete();
        }
    }

    private sealed class Shown(RunEventHub hub, string runId, Action<Action<RunEvent>> tell) : IDisposable
    {
        public string RunId { get; } = runId;

        public Action<Action<RunEvent>> Tell { get; } = tell;

        public void Dispose() => ImmutableInterlocked.Update(ref hub._shown, (all, one) => all.Remove(one), this);
    }
}
