using System.Collections.Immutable;
using System.Threading.Channels;

namespace OnCell.Runs;

/// <summary>Hands the unstored events of a cell's runs (output, progress, replays) to whoever listens now.</summary>
internal sealed class RunEventHub
{
    private const int Capacity = 1024;

    private ImmutableArray<Subscription> _subscriptions = [];

    /// <summary>Listens to one run. A listener that falls behind loses the oldest events, never holds up the run.</summary>
    public Subscription Subscribe(string runId)
    {
        var subscription = new Subscription(this, runId);
        ImmutableInterlocked.Update(ref _subscriptions, (all, one) => all.Add(one), subscription);
        return subscription;
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
}
