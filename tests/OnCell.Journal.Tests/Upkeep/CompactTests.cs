using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journal.Tests.Upkeep;

public class CompactTests
{
    [Fact]
    public async Task The_space_of_deleted_runs_is_given_back_while_runs_go_on()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await FillAsync(journal, "old", 4_000);
        await using var live = await journal.StartAsync("live");
        await journal.DeleteRunAsync("old", Step.Ct);
        Assert.True(Pages(file) > 1_000);
        using var stop = new CancellationTokenSource();
        var writing = GoOnAsync();

        var freed = await journal.CompactAsync(Step.Ct);

        await stop.CancelAsync();
        var steps = await writing;
        Assert.True(steps > 0, "no step came in between");
        Assert.True(freed > 1_000 * 4_096, $"{freed} bytes");
        Assert.Equal(0, await journal.CompactAsync(Step.Ct));
        await file.CloseAsync();
        Assert.True(new FileInfo(file.File).Length < 400 * 4_096, $"{new FileInfo(file.File).Length} bytes");
        Assert.Equal(steps, (await (await file.ReopenAsync()).ListStepsAsync("live", Step.Ct)).Count);

        async Task<int> GoOnAsync()
        {
            var done = 0;
            for (; !stop.IsCancellationRequested; done++)
                await live.DoAsync(StepEffect.Read, _ => done);
            return done;
        }
    }

    [Fact]
    public async Task Retention_gives_back_a_file_that_is_mostly_free()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await FillAsync(journal, "old", 4_000);

        await journal.PruneAsync(new RetentionPolicy { MaxEndedRuns = 0 }, Step.Ct);

        Assert.True(Pages(file) < 100, $"{Pages(file)} pages");
    }

    [Fact]
    public async Task A_file_made_before_space_could_be_given_back_is_rewritten_once_when_it_is_opened()
    {
        await using var file = new TestJournal();
        using (var old = SqliteDatabase.Open(file.File, readOnly: false))
            Schema.Migrate(old, Schema.Current);
        var journal = await file.ReopenAsync();
        await FillAsync(journal, "old", 2_000);
        await journal.DeleteRunAsync("old", Step.Ct);

        Assert.True(await journal.CompactAsync(Step.Ct) > 500 * 4_096);
    }

    private static async Task FillAsync(DurableJournal journal, string id, int steps)
    {
        await using var run = await journal.StartAsync(id);
        await Task.WhenAll(Enumerable.Range(0, steps).Select(i => run.DoAsync(StepEffect.Read, _ => new string('x', 1_000))));
        await run.CompleteAsync("1", Step.Ct);
    }

    private static long Pages(TestJournal file)
    {
        using var database = SqliteDatabase.Open(file.File, readOnly: true);
        return database.Scalar("PRAGMA page_count");
    }
}
