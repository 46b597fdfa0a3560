namespace OnCell.Journaling;

/// <summary>Tells the followers of a run that its log has grown; what it says they read from the database.</summary>
internal sealed class EventHub
{
    private readonly object _gate = new();
    private readonly Dictionary<long, HashSet<Follower>> _followers = [];

    public Follower Follow(long runNo)
    {
        var follower = new Follower(this, runNo);
        lock (_gate)
        {
            if (!_followers.TryGetValue(runNo, out var followers))
                _followers.Add(runNo, followers = []);
            followers.Add(follower);
        }

        return follower;
    }

    public void Publish(IReadOnlyCollection<long> runs)
    {
        lock (_gate)
        {
            if (_followers.Count == 0)
                return;
            foreach (var run in runs)
            {
                if (!_followers.TryGetValue(run, out var followers))
                    continue;
                foreach (var follower in followers)
                    follower.Wake();
            }
        }
    }

    private void Leave(Follower follower)
    {
        lock (_gate)
        {
            var followers = _followers[follower.RunNo];
            followers.Remove(follower);
            if (followers.Count == 0)
                _followers.Remove(follower.RunNo);
        }
    }

    internal sealed class Follower(EventHub hub, long runNo) : IDisposable
    {
        // At most one wake-up is kept: the follower reads all there is.
        private readonly SemaphoreSlim _grown = new(0, 1);

        public long RunNo { get; } = runNo;

        public Task WaitAsync(CancellationToken ct) => _grown.WaitAsync(ct);

        public void Wake()
        {
            if (_grown.CurrentCount == 0)
                _grown.Release();
        }

        public void Dispose()
        {
            hub.Leave(this);
            _grown.Dispose();
        }
    }
}
