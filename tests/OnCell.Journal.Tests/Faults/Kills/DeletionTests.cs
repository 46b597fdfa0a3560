using System.Diagnostics;
using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Faults.Kills;

public class DeletionTests
{
    private const int MostKills = 100;

    [Fact]
    public async Task Killed_while_runs_of_one_id_are_deleted_and_started_again_each_is_whole_or_gone_and_no_key_is_used_twice()
    {
        await using var file = new TestJournal();
        var random = new Random(20261125);
        var world = new World(Path.Combine(file.Folder, "world.log"));

        // Longer and longer lives, until there were enough: a busy machine needs longer to come to a deletion.
        for (var kills = 0; kills < MostKills && (kills < 12 || Incarnations(world).Count < 4); kills++)
        {
            using var deleter = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["deleter", file.Folder]) { RedirectStandardOutput = true })!;
            await deleter.StandardOutput.ReadLineAsync(Step.Ct);
            await Task.Delay(random.Next(200 + (kills * 60)), Step.Ct);
            deleter.Kill();
            await deleter.WaitForExitAsync(Step.Ct);

            var journal = await file.ReopenAsync();
            if (await journal.GetRunAsync("same", Step.Ct) is { State: RunState.Completed })
                Assert.Equal(Deleter.Steps, (await journal.ListStepsAsync("same", Step.Ct)).Count);
            await file.CloseAsync();
            Assert.Equal("ok", TestJournal.QuickCheck(file.File));
        }

        // A key names an incarnation of the run: the same step of two incarnations never has the same.
        var incarnations = Incarnations(world);
        Assert.True(incarnations.Count >= 4, $"only {incarnations.Count} runs were begun");
        Assert.All(incarnations, static keys => Assert.True(keys.Distinct().Count() <= Deleter.Steps));

        using var database = OnCell.Journaling.Storage.Sqlite.SqliteDatabase.Open(file.File, readOnly: true);
        Assert.Equal(0, database.Scalar("SELECT count(*) FROM log WHERE run_no NOT IN (SELECT no FROM run)"));
        Assert.Equal(0, database.Scalar("SELECT count(*) FROM blob WHERE run_no NOT IN (SELECT no FROM run)"));
    }

    /// <summary>Returns the keys that were used, by the part of them that names the incarnation.</summary>
    private static List<IGrouping<string, string>> Incarnations(World world) =>
        [.. world.Lines().Select(static line => line[^1]).GroupBy(static key => key.Split('/')[1])];
}
