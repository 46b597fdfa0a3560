using System.Diagnostics;
using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Faults.Disks;

/// <summary>A real file system of two mebibytes, and one that is read-only.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly string _mount = Directory.CreateTempSubdirectory("oncell-full-").FullName;

    public FullDiskTests() => Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", _mount);

    [Fact]
    public async Task A_full_disk_is_a_clear_error_and_what_was_acknowledged_can_be_read_and_goes_on_once_there_is_room()
    {
        var path = Path.Combine(_mount, "journal.db");
        var acknowledged = 0;
        await using (var journal = await DurableJournal.OpenAsync(path, null, Step.Ct))
        {
            await using var run = await journal.StartAsync();
            var error = await Assert.ThrowsAsync<JournalStorageException>(async () =>
            {
                for (; acknowledged < 10_000; acknowledged++)
                    await run.DoAsync(StepEffect.Idempotent, _ => new string('x', 3_000));
            });

            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.Contains("full", error.Message, StringComparison.Ordinal);
            Assert.True(journal.IsFaulted);
            Assert.True(acknowledged > 20, $"{acknowledged} steps");
            Assert.True(Completed(await journal.ListStepsAsync("run-1", Step.Ct)) >= acknowledged);
            using var inspector = JournalInspector.Open(path);
            Assert.True(Completed(inspector.ListSteps("run-1")) >= acknowledged);
        }

        Run("mount", "-o", "remount,size=32m", _mount);
        await using var again = await DurableJournal.OpenAsync(path, null, Step.Ct);
        await using var resumed = await again.ResumeRunAsync("run-1", Step.Ct);
        for (var i = 0; i < acknowledged; i++)
            Assert.Equal(3_000, (await resumed.DoAsync(StepEffect.Idempotent, _ => "again")).Length);
        await resumed.DoAsync(StepEffect.Idempotent, _ => "on");
        Assert.Equal("ok", TestJournal.QuickCheck(path));
    }

    [Fact]
    public async Task A_value_file_that_finds_no_room_leaves_its_step_in_doubt_and_the_journal_well()
    {
        await using var journal = await DurableJournal.OpenAsync(Path.Combine(_mount, "journal.db"), null, Step.Ct);
        await using var run = await journal.StartAsync();

        var error = await Assert.ThrowsAsync<JournalStorageException>(
            () => run.DoAsync(StepEffect.Idempotent, _ => new string('x', 5_000_000)));

        Assert.Contains("free space", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_mount, "*.tmp", SearchOption.AllDirectories));
        Assert.False(journal.IsFaulted);
        await using var resumed = await journal.ResumeRunAsync("run-1", Step.Ct);
        Assert.Equal("small", await resumed.DoAsync(StepEffect.Idempotent, step => step.InDoubt ? "small" : ""));
    }

    [Fact]
    public async Task On_a_read_only_disk_the_journal_is_refused_and_can_be_inspected()
    {
        var path = Path.Combine(_mount, "journal.db");
        await using (var journal = await DurableJournal.OpenAsync(path, null, Step.Ct))
        {
            await using var run = await journal.StartAsync();
            await run.DoAsync(StepEffect.Pure, _ => 1);

            // As a crash leaves it: the last steps are in the log alone.
            File.Copy(path, path + ".crashed");
            File.Copy(path + "-wal", path + ".crashed-wal");
        }

        Run("mount", "-o", "remount,ro", _mount);
        var error = await Assert.ThrowsAsync<JournalStorageException>(() => DurableJournal.OpenAsync(path, null, Step.Ct));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        foreach (var file in new[] { path, path + ".crashed" })
        {
            using var inspector = JournalInspector.Open(file);
            Assert.Equal(StepState.Completed, Assert.Single(inspector.ListSteps("run-1")).State);
        }
    }

    public void Dispose()
    {
        Run("umount", "-l", _mount);
        Directory.Delete(_mount);
    }

    private static int Completed(IReadOnlyList<StepInfo> steps) => steps.Count(static step => step.State == StepState.Completed);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
