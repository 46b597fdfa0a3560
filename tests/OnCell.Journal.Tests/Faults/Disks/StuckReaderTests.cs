using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journal.Tests.Faults.Disks;

public class StuckReaderTests
{
    private const int CheckpointPages = 50;

    [Fact]
    public async Task A_reader_that_never_ends_delays_the_checkpoint_and_nothing_else()
    {
        await using var file = new TestJournal
        {
            Options = new JournalOptions { Faults = new StorageFaults { CheckpointPages = CheckpointPages } },
        };
        await using var run = await (await file.ReopenAsync()).StartAsync();
        var wal = new FileInfo(file.File + "-wal");
        long grown;
        using (var stuck = SqliteDatabase.Open(file.File, readOnly: true))
        {
            stuck.Execute("BEGIN");
            var seen = stuck.Scalar("SELECT count(*) FROM log");
            await WriteAsync(run, 500);
            Assert.Equal(seen, stuck.Scalar("SELECT count(*) FROM log"));
            wal.Refresh();
            grown = wal.Length;
        }

        await WriteAsync(run, 500);

        wal.Refresh();
        Assert.True(wal.Length <= grown + (2 * CheckpointPages * 4_120), $"the log grew on: {wal.Length} bytes");
    }

    private static async Task WriteAsync(JournalRun run, int steps)
    {
        for (var i = 0; i < steps; i++)
            await run.DoAsync(StepEffect.Read, _ => i);
    }
}
