using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Blobs;

/// <summary>Measures what the process allocates, so no other test may run beside it.</summary>
[Collection(nameof(Alone))]
public class LargeFileTests
{
    [Fact]
    public async Task A_file_of_any_size_is_kept_in_bounded_memory_for_as_long_as_its_run()
    {
        const int Megabytes = 100;
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        KeptFile kept;
        await using (var run = await journal.StartAsync())
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            kept = await run.StepAsync(
                Step.Async(StepEffect.Read, (step, ct) => step.KeepAsync(new Zeros(Megabytes * 1024L * 1024), ct)), Step.Ct);
            Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 50_000_000);
            await run.CompleteAsync("1", Step.Ct);
        }

        Assert.Equal(new RetentionReport(0, 0), await journal.PruneAsync(new RetentionPolicy { ValueFileGrace = TimeSpan.FromSeconds(-1) }, Step.Ct));
        await using (var content = journal.OpenFile(kept))
        {
            Assert.Equal(kept.Length, content.Length);
            await content.CopyToAsync(Stream.Null, Step.Ct);
        }

        await journal.DeleteRunAsync("run-1", Step.Ct);
        Assert.Equal(new RetentionReport(0, 1), await journal.PruneAsync(new RetentionPolicy { ValueFileGrace = TimeSpan.FromSeconds(-1) }, Step.Ct));
        Assert.Throws<JournalCorruptException>(() => journal.OpenFile(kept));
    }
}

/// <summary>Tests that measure the process as a whole.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
