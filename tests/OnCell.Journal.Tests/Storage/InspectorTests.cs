using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Storage;

/// <summary>Whatever is wrong with a journal, what can be read of it is readable.</summary>
public class InspectorTests
{
    [Fact]
    public async Task A_journal_that_is_open_elsewhere_is_read_as_it_is_now()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        await run.DoAsync(StepEffect.Idempotent, _ => 1, "build");
        await run.Memory.SetAsync("builds", 1, Step.Ct);

        using var inspector = JournalInspector.Open(file.File);
        Assert.Equal(RunState.Running, inspector.GetRun("run-1")!.State);
        Assert.Equal("build", inspector.ListSteps("run-1")[0].Name);
        Assert.Equal(1, await inspector.Memory.GetAsync<int>("builds", Step.Ct));
        var events = inspector.ReadEvents("run-1").ToList();
        Assert.Equal(4, events.Count);
        Assert.Equal(events.Skip(2), inspector.ReadEvents("run-1", events[1].Sequence));

        await run.CompleteAsync("1", Step.Ct);
        Assert.Equal("1", Assert.Single(inspector.ListRuns()).ResultJson);
        Assert.Throws<RunNotFoundException>(() => inspector.ListSteps("other"));
    }

    [Fact]
    public async Task A_journal_of_a_newer_version_is_refused_for_writing_and_can_be_inspected()
    {
        await using var file = new TestJournal();
        await using (var run = await (await file.ReopenAsync()).StartAsync())
            await run.DoAsync(StepEffect.Pure, _ => 1);
        await file.CloseAsync();
        file.Execute("PRAGMA user_version = 9999; ALTER TABLE log ADD COLUMN novelty TEXT");

        var error = await Assert.ThrowsAsync<JournalVersionException>(() => file.ReopenAsync());
        Assert.Contains(file.File, error.Message, StringComparison.Ordinal);
        using var inspector = JournalInspector.Open(file.File);
        Assert.Single(inspector.ListSteps("run-1"));
    }

    [Fact]
    public async Task Damage_in_the_middle_is_named_and_what_is_whole_can_be_inspected()
    {
        await using var file = new TestJournal { Corrupted = true };
        var journal = await file.ReopenAsync();
        await using (var first = await journal.StartAsync("first"))
            await first.DoAsync(StepEffect.Pure, _ => 1);
        await using (var run = await journal.StartAsync("damaged"))
            await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => run.DoAsync(StepEffect.Pure, _ => new string('x', 1_000))));
        await file.CloseAsync();
        await using (var stream = File.OpenWrite(file.File))
        {
            // The last page is of the last steps, or of their index.
            stream.Position = stream.Length - 4_096;
            await stream.WriteAsync(new byte[4_096], Step.Ct);
        }

        using var inspector = JournalInspector.Open(file.File);
        Assert.Equal(2, inspector.ListRuns().Count);
        Assert.Single(inspector.ListSteps("first"));
        var error = Assert.Throws<JournalCorruptException>(() => inspector.ListSteps("damaged"));
        Assert.Contains(file.File, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_journal_or_not_there_is_a_clear_error()
    {
        await using var file = new TestJournal { Corrupted = true };
        Assert.Throws<JournalStorageException>(() => JournalInspector.Open(file.File));
        file.Execute("CREATE TABLE invoices(id)");
        Assert.Throws<JournalCorruptException>(() => JournalInspector.Open(file.File));
    }
}
