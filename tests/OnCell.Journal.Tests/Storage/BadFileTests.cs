using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Storage;

/// <summary>Bad input: each says what is wrong, where, and what to do.</summary>
public class BadFileTests
{
    [Fact]
    public async Task A_journal_is_open_once()
    {
        await using var file = new TestJournal { Options = new JournalOptions { LockTimeout = TimeSpan.FromMilliseconds(60) } };
        await file.ReopenAsync();

        var error = await Assert.ThrowsAsync<JournalLockedException>(() => DurableJournal.OpenAsync(file.File, file.Options, Step.Ct));

        Assert.Contains(file.File, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_refused_and_left_as_it_is()
    {
        await using var file = new TestJournal { Corrupted = true };
        var bytes = new byte[9_000];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(file.File, bytes, Step.Ct);

        var error = await Assert.ThrowsAsync<JournalCorruptException>(() => file.ReopenAsync());

        Assert.Contains(file.File, error.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file.File, Step.Ct));
    }

    [Fact]
    public async Task A_truncated_file_is_a_clear_error()
    {
        await using var file = new TestJournal { Corrupted = true };
        await using (var run = await (await file.ReopenAsync()).StartAsync())
        {
            for (var i = 0; i < 200; i++)
                await run.DoAsync(StepEffect.Pure, _ => new string('x', 1_000));
        }

        await file.CloseAsync();
        await using (var stream = File.OpenWrite(file.File))
            stream.SetLength(stream.Length / 2);

        var error = await Assert.ThrowsAsync<JournalCorruptException>(async () =>
        {
            var journal = await file.ReopenAsync();
            await using var run = await journal.ResumeRunAsync("run-1", Step.Ct);
        });
        Assert.Contains(file.File, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_and_a_strangers_database_are_refused()
    {
        await using var newer = new TestJournal();
        await newer.ReopenAsync();
        await newer.CloseAsync();
        newer.Execute("PRAGMA user_version = 9999");
        await Assert.ThrowsAsync<JournalVersionException>(() => newer.ReopenAsync());

        await using var strange = new TestJournal();
        strange.Execute("CREATE TABLE invoices(id)");
        await Assert.ThrowsAsync<JournalCorruptException>(() => strange.ReopenAsync());
    }

    [Theory]
    [InlineData("/nonexistent/folder/journal.db")]
    [InlineData("/proc/journal.db")]
    public async Task A_folder_that_is_missing_or_takes_no_files_is_a_clear_error(string path)
    {
        var error = await Assert.ThrowsAsync<JournalStorageException>(() => DurableJournal.OpenAsync(path, null, Step.Ct));
        Assert.Contains("folder exists", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_name_of_a_megabyte_is_refused_with_its_position()
    {
        await using var file = new TestJournal();
        await using var run = await (await file.ReopenAsync()).StartAsync();

        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => run.DoAsync(StepEffect.Pure, _ => 1, new string('n', 1_000_000)));

        Assert.Contains($"run run-1 of journal {file.File} step 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_contradicts_itself_is_refused_and_other_runs_stay_readable()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using (var run = await journal.StartAsync())
            await run.DoAsync(StepEffect.Pure, _ => 1);
        await using (var run = await journal.StartAsync("other"))
            await run.DoAsync(StepEffect.Pure, _ => 1);
        await file.CloseAsync();
        file.Execute("""
            INSERT INTO log(seq, run_no, type, position, attempt, epoch, time, effect, kind, name)
            SELECT 1000, run_no, type, position, attempt, epoch, time, effect, kind, name FROM log WHERE run_no = 1 AND type = 11
            """);

        journal = await file.ReopenAsync();
        var error = await Assert.ThrowsAsync<JournalCorruptException>(() => journal.ResumeRunAsync("run-1", Step.Ct));
        Assert.Contains($"run run-1 of journal {file.File}: step 1 ended", error.Message, StringComparison.Ordinal);
        Assert.Single(await journal.ListStepsAsync("other", Step.Ct));
    }
}
