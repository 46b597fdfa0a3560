using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Memory;

public class MemoryTests
{
    [Fact]
    public async Task What_was_read_is_read_again_when_replayed_and_what_was_written_is_written_once()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using (var run = await journal.StartAsync())
        {
            Assert.Equal(0, await run.Memory.GetAsync<int>("builds", Step.Ct));
            await run.Memory.SetAsync("builds", 1, Step.Ct);
        }

        await using (var other = await journal.StartAsync("other"))
            await other.Memory.SetAsync("builds", 10, Step.Ct);

        await using var resumed = await (await file.ReopenAsync()).ResumeRunAsync("run-1", Step.Ct);
        Assert.Equal(0, await resumed.Memory.GetAsync<int>("builds", Step.Ct));
        await resumed.Memory.SetAsync("builds", 1, Step.Ct);
        Assert.Equal(10, await resumed.Memory.GetAsync<int>("builds", Step.Ct));
        Assert.Equal(["builds"], await resumed.Memory.KeysAsync("b", Step.Ct));
        await resumed.Memory.DeleteAsync("builds", Step.Ct);
        Assert.Empty(await resumed.Memory.KeysAsync("", Step.Ct));
    }

    [Fact]
    public async Task A_steps_own_changes_are_committed_with_its_end_or_not_at_all()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();

        await Assert.ThrowsAsync<StepFailedException>(() => run.DoAsync<int>(StepEffect.Idempotent, step =>
        {
            step.SetMemory("a", "1");
            throw new IOException("too late");
        }));
        Assert.Null(await journal.Memory.GetAsync<int?>("a", Step.Ct));

        await run.DoAsync(StepEffect.Idempotent, step =>
        {
            step.SetMemory("a", "1");
            step.SetMemory("b", "2");
            return 0;
        });
        Assert.Equal(["a", "b"], await journal.Memory.KeysAsync("", Step.Ct));
    }
}
