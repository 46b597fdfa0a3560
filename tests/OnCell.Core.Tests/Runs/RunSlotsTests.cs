using OnCell.Runs;

namespace OnCell.Core.Tests.Runs;

public sealed class RunSlotsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_customer_with_many_runs_holds_up_another_by_one_only()
    {
        var slots = new RunSlots(1);
        var held = await slots.TakeAsync("greedy", Ct);
        var greedy = Enumerable.Range(0, 50).Select(_ => slots.TakeAsync("greedy", Ct)).ToList();
        var modest = slots.TakeAsync("modest", Ct);
        Assert.False(modest.IsCompleted);
        held.Dispose();
        (await modest.WaitAsync(Ct)).Dispose();
        (await greedy[0].WaitAsync(Ct)).Dispose();
        (await greedy[1].WaitAsync(Ct)).Dispose();
    }

    [Fact]
    public async Task Places_are_shared_evenly_among_those_who_wait()
    {
        var slots = new RunSlots(6);
        string[] customers = ["a", "b", "c"];
        var first = new List<RunSlots.Slot>();
        for (var i = 0; i < 6; i++) first.Add(await slots.TakeAsync("z", Ct));
        var waiting = customers.Select(c => Enumerable.Range(0, 4).Select(_ => slots.TakeAsync(c, Ct)).ToList()).ToList();
        foreach (var slot in first) slot.Dispose();

        // A place is given at once, and heard of a moment later.
        await Task.WhenAll(waiting.SelectMany(w => w.Take(2))).WaitAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.All(waiting, w => Assert.Equal([true, true, false, false], w.Select(t => t.IsCompleted)));
    }

    [Fact]
    public async Task One_who_gives_up_takes_no_place_and_a_place_given_twice_is_given_once()
    {
        var slots = new RunSlots(1);
        var held = await slots.TakeAsync("a", Ct);
        using var giveUp = new CancellationTokenSource();
        var given = slots.TakeAsync("b", giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        held.Dispose();
        held.Dispose();
        var next = await slots.TakeAsync("c", Ct);
        Assert.False(slots.TakeAsync("d", Ct).IsCompleted);
        next.Dispose();
    }
}
