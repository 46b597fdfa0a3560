using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandbox.Tests.Runtime;

public sealed class KeyedLockTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_holder_per_key_and_other_keys_go_on()
    {
        var locks = new KeyedLock<string>();
        var first = await locks.TakeAsync("a", Cancellation);
        var second = locks.TakeAsync("a", Cancellation);
        (await locks.TakeAsync("b", Cancellation)).Dispose();
        Assert.False(second.IsCompleted);

        first.Dispose();
        first.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task A_waiter_that_gives_up_leaves_the_lock_usable()
    {
        var locks = new KeyedLock<string>();
        var holder = await locks.TakeAsync("a", Cancellation);
        using var cancel = new CancellationTokenSource();
        var waiter = locks.TakeAsync("a", cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);

        holder.Dispose();
        (await locks.TakeAsync("a", Cancellation)).Dispose();
    }
}
