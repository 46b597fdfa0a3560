using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Steps;

public class ReplayTests
{
    [Theory]
    [InlineData(StepEffect.Pure)]
    [InlineData(StepEffect.Read)]
    [InlineData(StepEffect.Idempotent)]
    [InlineData(StepEffect.Reattach)]
    [InlineData(StepEffect.Verifiable)]
    [InlineData(StepEffect.Unsafe)]
    public async Task A_finished_step_is_returned_and_not_done_again(StepEffect effect)
    {
        await using var file = new TestJournal();
        var calls = 0;
        await using (var run = await (await file.ReopenAsync()).StartAsync())
            Assert.Equal(1, await run.DoAsync(effect, _ => ++calls));

        await using var resumed = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct);

        Assert.True(resumed.Replaying);
        Assert.Equal(1, await resumed.DoAsync(effect, _ => ++calls));
        Assert.False(resumed.Replaying);
        Assert.Equal(1, calls);
        Assert.Equal(2, resumed.Epoch);
    }

    [Fact]
    public async Task A_failed_step_fails_the_same_way_when_replayed()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
        {
            var live = await Assert.ThrowsAsync<StepFailedException>(
                () => run.DoAsync<int>(StepEffect.Unsafe, _ => throw new InvalidOperationException("no such branch")));
            Assert.IsType<InvalidOperationException>(live.InnerException);
        }

        await using var resumed = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct);
        var replayed = await Assert.ThrowsAsync<StepFailedException>(() => resumed.DoAsync(StepEffect.Unsafe, _ => 1));

        Assert.Equal("no such branch", replayed.Error.Message);
        Assert.Equal("System.InvalidOperationException", replayed.Error.Type);
        Assert.Equal("1", replayed.Position);
    }

    [Fact]
    public async Task What_is_returned_live_is_what_a_replay_returns()
    {
        await using var file = new TestJournal();
        var made = new List<string> { "a" };
        await using var run = await (await file.ReopenAsync()).StartAsync();

        var got = await run.DoAsync(StepEffect.Pure, _ => made);

        Assert.Equal(made, got);
        Assert.NotSame(made, got);
    }

    [Fact]
    public async Task A_result_that_does_not_serialise_fails_the_step_and_says_which()
    {
        await using var file = new TestJournal();
        await using var run = await (await file.ReopenAsync()).StartAsync();

        var failure = await Assert.ThrowsAsync<StepFailedException>(
            () => run.DoAsync<object>(StepEffect.Idempotent, _ => new Cycle()));

        Assert.Contains("run-1 step 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be kept", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_results_live_beside_the_file_and_are_checked_when_read()
    {
        await using var file = new TestJournal();
        var large = new string('x', 300_000);
        await using (var run = await (await file.ReopenAsync()).StartAsync())
            await run.DoAsync(StepEffect.Read, _ => large);
        var blob = Assert.Single(Directory.GetFiles(file.File + ".blobs", "*", SearchOption.AllDirectories));

        await using (var resumed = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct))
            Assert.Equal(large, await resumed.DoAsync(StepEffect.Read, _ => ""));

        await File.AppendAllTextAsync(blob, "!", Step.Ct);
        await using var damaged = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct);
        var error = await Assert.ThrowsAsync<JournalCorruptException>(() => damaged.DoAsync(StepEffect.Read, _ => ""));
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Concurrent_steps_keep_their_positions_whatever_the_order_they_end_in()
    {
        await using var file = new TestJournal();
        var gates = Enumerable.Range(0, 50).Select(_ => new TaskCompletionSource()).ToArray();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
        {
            var steps = gates.Select((gate, i) => run.StepAsync(
                Step.Async(StepEffect.Idempotent, async (_, _) =>
                {
                    await gate.Task;
                    return i;
                }),
                Step.Ct)).ToArray();
            foreach (var gate in gates.Reverse())
                gate.SetResult();
            Assert.Equal(Enumerable.Range(0, 50), await Task.WhenAll(steps));
        }

        await using var resumed = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct);
        var replayed = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => resumed.DoAsync(StepEffect.Idempotent, _ => -1)));

        Assert.Equal(Enumerable.Range(0, 50), replayed);
    }

    [Fact]
    public async Task Branches_count_by_themselves_and_a_name_is_taken_once()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        var (left, right) = (run.Branch("left"), run.Branch("right"));

        await Task.WhenAll(
            left.DoAsync(StepEffect.Pure, _ => 1), right.DoAsync(StepEffect.Pure, _ => 2), left.DoAsync(StepEffect.Pure, _ => 3));

        Assert.Equal(
            ["left/1", "left/2", "right/1"],
            (await journal.ListStepsAsync("run-1", Step.Ct)).Select(step => step.Position).Order());
        Assert.Throws<ArgumentException>(() => run.Branch("left"));
        Assert.Throws<ArgumentException>(() => run.Branch("a/b"));
    }

    [Fact]
    public async Task Finished_sub_steps_survive_the_retry_of_their_parent()
    {
        await using var file = new TestJournal();
        var (children, parents) = (0, 0);
        await using var run = await (await file.ReopenAsync()).StartAsync();

        var step = Step.Async(StepEffect.Idempotent, async (parent, _) =>
        {
            var child = await parent.DoAsync(StepEffect.Unsafe, _ => ++children, "tool call");
            return ++parents == 1 ? throw new IOException("model is down") : child;
        }) with
        { Retry = new RetryPolicy { FirstDelay = TimeSpan.Zero } };

        Assert.Equal(1, await run.StepAsync(step, Step.Ct));
        Assert.Equal((1, 2), (children, parents));
        await run.CompleteAsync("1", Step.Ct);
    }

    private sealed class Cycle
    {
        public Cycle Self => this;
    }
}
