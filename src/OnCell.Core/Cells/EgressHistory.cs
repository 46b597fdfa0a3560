using OnCell.Sandboxes;

namespace OnCell.Cells;

/// <summary>The latest decisions of a cell's egress proxy.</summary>
internal sealed class EgressHistory
{
    private const int Capacity = 100;

    private readonly Queue<EgressEvent> _events = new(Capacity);

    public void Add(EgressEvent e)
    {
        lock (_events)
        {
            if (_events.Count == Capacity) _events.Dequeue();
            _events.Enqueue(e);
        }
    }

    public IReadOnlyList<EgressEvent> List()
    {
        lock (_events) return [.. _events];
    }
}
