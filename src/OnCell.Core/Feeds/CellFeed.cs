using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace OnCell.Feeds;

/// <summary>What happened to one cell lately, in memory, for people who look: the journal has what must last.</summary>
internal sealed class CellFeed(TimeProvider time)
{
    private const int Capacity = 1000;

    private readonly Queue<CellEvent> _events = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _news = New();

    // Numbers of an earlier process are smaller: who resumes after a restart gets what there is, and nothing twice.
    private long _last = time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

    /// <summary>Gets called with each event; must not block.</summary>
    public event Action<CellEvent>? Added;

    public void Add(string type, JsonObject data)
    {
        CellEvent added;
        TaskCompletionSource news;
        lock (_lock)
        {
            added = new CellEvent(++_last, time.GetUtcNow(), type, data);
            if (_events.Count == Capacity) _events.Dequeue();
            _events.Enqueue(added);
            (news, _news) = (_news, New());
        }

        news.TrySetResult();
        Added?.Invoke(added);
    }

    /// <summary>Gets the events after a number.</summary>
    public IReadOnlyList<CellEvent> List(long after)
    {
        lock (_lock) return [.. _events.Where(e => e.Sequence > after)];
    }

    /// <summary>Gives the events after a number, then those to come. A reader that falls behind loses the oldest.</summary>
    public async IAsyncEnumerable<CellEvent> FollowAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            Task news;
            lock (_lock) news = _news.Task;
            foreach (var e in List(after))
            {
                after = e.Sequence;
                yield return e;
            }

            await news.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
