namespace OnCell.Runs;

/// <summary>The places in which runs execute, shared out fairly: a free one goes to the customer that has fewest.</summary>
/// <remarks>So a customer with a hundred waiting runs delays another's one by one run, not by a hundred.</remarks>
internal sealed class RunSlots(int count)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private int _free = count;
    private long _served;

    /// <summary>Waits for a place.</summary>
    /// <returns>The place, until it is disposed.</returns>
    public Task<Slot> TakeAsync(string customer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter();
        lock (_lock)
        {
            if (!_shares.TryGetValue(customer, out var share)) _shares[customer] = share = new Share();
            share.Waiting.AddLast(waiter);
            ShareOut();
        }

        return WaitAsync(customer, waiter, cancellationToken);
    }

    private async Task<Slot> WaitAsync(string customer, Waiter waiter, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((Waiter)state!).Source.TrySetCanceled(token), waiter);
        try
        {
            await waiter.Source.Task.ConfigureAwait(false);
            return new Slot(this, customer);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                if (_shares.TryGetValue(customer, out var share)) share.Waiting.Remove(waiter);
                Forget(customer);
            }

            throw;
        }
    }

    private void Release(string customer)
    {
        lock (_lock)
        {
            _free++;
            _shares[customer].Held--;
            ShareOut();
            Forget(customer);
        }
    }

    private void ShareOut()
    {
        while (_free > 0)
        {
            // Fewest places first; among equals, the one served longest ago.
            var next = _shares.Values.Where(s => s.Waiting.Count > 0).MinBy(s => (s.Held, s.Served));
            if (next is null) return;
            var waiter = next.Waiting.First!.Value;
            next.Waiting.RemoveFirst();
            if (!waiter.Source.TrySetResult()) continue;
            _free--;
            next.Held++;
            next.Served = ++_served;
        }
    }

    private void Forget(string customer)
    {
        if (_shares.TryGetValue(customer, out var share) && share is { Held: 0, Waiting.Count: 0 }) _shares.Remove(customer);
    }

    /// <summary>A place, until it is disposed.</summary>
    internal sealed class Slot(RunSlots slots, string customer) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0) slots.Release(customer);
        }
    }

    private sealed class Share
    {
        public LinkedList<Waiter> Waiting { get; } = [];

        public int Held { get; set; }

        public long Served { get; set; }
    }

    private sealed class Waiter
    {
        public TaskCompletionSource Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
