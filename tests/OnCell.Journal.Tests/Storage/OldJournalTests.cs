using System.IO.Compression;
using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journal.Tests.Storage;

/// <summary>Files that earlier versions of this library wrote, opened by this one. Never made anew: a version that differs gets its own.</summary>
public class OldJournalTests
{
    [Theory]
    [InlineData("journal-v2.zip")]
    public async Task A_journal_of_an_earlier_version_replays_resumes_and_goes_on(string fixture)
    {
        await using var file = new TestJournal();
        await ZipFile.ExtractToDirectoryAsync(Path.Combine(AppContext.BaseDirectory, "Storage", "Fixtures", fixture), file.Folder, Step.Ct);
        var journal = await file.ReopenAsync();

        (await journal.ReplayAsync("done", (run, _) => ExecuteAsync(run), Step.Ct)).ThrowIfDiverged();
        Assert.Equal("\"ok\"", (await journal.GetRunAsync("done", Step.Ct))!.ResultJson);
        Assert.Equal(14, (await journal.ReadEventsAsync("done", 0, Step.Ct).ToListAsync(Step.Ct)).Count);
        Assert.Equal(7, await journal.Memory.GetAsync<int>("builds", Step.Ct));
        await using (var open = await journal.ResumeRunAsync("open", Step.Ct))
        {
            await ExecuteAsync(open);
            Assert.Equal("open/819b52f2/7", await open.DoAsync(StepEffect.Reattach, step => step.InDoubt ? step.Key : "", "doubt"));
            await open.CompleteAsync("1", Step.Ct);
        }

        // Made before space could be given back piece by piece (incremental vacuum): now it can.
        using var database = SqliteDatabase.Open(file.File, readOnly: true);
        Assert.Equal(Schema.Current, database.Scalar("PRAGMA user_version"));
        Assert.Equal(2, database.Scalar("PRAGMA auto_vacuum"));
    }

    private static async Task ExecuteAsync(JournalRun run)
    {
        Assert.Equal(7, await run.StepAsync(
            Step.Of(StepEffect.Unsafe, _ => 0, "build", new StepArgument("command", "npm test"), new StepArgument("timeout", "60", Volatile: true)),
            Step.Ct));
        await run.Memory.SetAsync("builds", 7, Step.Ct);
        await run.DelayAsync(TimeSpan.FromMilliseconds(1), Step.Ct);
        Assert.Equal("yes", (await run.WaitForSignalAsync<string>("go", null, Step.Ct)).Payload);
        Assert.Equal(100_000, (await run.DoAsync(StepEffect.Read, _ => "", "large")).Length);
        var error = await Assert.ThrowsAsync<StepFailedException>(() => run.DoAsync(StepEffect.Idempotent, _ => "", "fails"));
        Assert.Equal("no such branch", error.Error.Message);
        Assert.True(await run.PatchedAsync("changed", Step.Ct));
    }
}
