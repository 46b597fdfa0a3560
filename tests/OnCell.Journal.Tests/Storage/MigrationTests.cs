using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journal.Tests.Storage;

public class MigrationTests
{
    public static TheoryData<int> OlderVersions => [.. Enumerable.Range(1, Schema.Current - 1)];

    [Theory]
    [MemberData(nameof(OlderVersions))]
    public async Task A_file_of_every_older_version_is_brought_up_with_its_runs(int version)
    {
        await using var file = new TestJournal();
        using (var database = SqliteDatabase.Open(file.File, readOnly: false))
        {
            Schema.Migrate(database, version);
            database.Execute("""
                INSERT INTO run(id, incarnation, method, input, code_version, state, epoch, created)
                VALUES('old', 'abcd1234', 'test', '{}', '1', 1, 1, 1000000);
                INSERT INTO log(seq, run_no, type, position, attempt, epoch, time, effect, kind, name, fingerprint, value)
                VALUES(1, 1, 11, '1', 1, 1, 2000000, 1, 'test', 'step',
                    x'08e0d3b43a2ad3d9eb4ee3e2b7a9bfd2d23a1c24de1e1ce1c0b3fd0b6a1a5a7f', CAST('41' AS BLOB));
                """);
        }

        var journal = await file.ReopenAsync();
        var step = Assert.Single(await journal.ListStepsAsync("old", Step.Ct));
        Assert.Equal((StepState.Completed, "step"), (step.State, step.Name));
        await using var run = await journal.ResumeRunAsync("old", Step.Ct);
        Assert.True(run.Replaying);
        await journal.SignalAsync("old", "go", "1", null, Step.Ct);
        using var upgraded = SqliteDatabase.Open(file.File, readOnly: true);
        Assert.Equal(Schema.Current, upgraded.Scalar("PRAGMA user_version"));
        Assert.Equal("old", upgraded.Text("SELECT run FROM steps"));
        Assert.Equal("Running", upgraded.Text("SELECT state FROM runs"));
    }

    [Fact]
    public async Task The_schema_made_anew_is_the_schema_made_step_by_step()
    {
        await using var first = new TestJournal();
        await using var second = new TestJournal();
        using var made = SqliteDatabase.Open(first.File, readOnly: false);
        Schema.Migrate(made, Schema.Current);
        using var grown = SqliteDatabase.Open(second.File, readOnly: false);
        for (var version = 1; version <= Schema.Current; version++)
            Schema.Migrate(grown, version);

        const string Sql = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
        Assert.Equal(made.Text(Sql), grown.Text(Sql));
    }
}
