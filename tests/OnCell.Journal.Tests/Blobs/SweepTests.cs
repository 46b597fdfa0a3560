using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Blobs;

/// <summary>Files of large values are swept beside steps that are just writing them.</summary>
public class SweepTests
{
    private static readonly RetentionPolicy NoGrace = new() { MaxEndedRuns = 0, ValueFileGrace = TimeSpan.FromDays(-1) };

    [Fact]
    public async Task A_file_that_a_live_step_has_written_is_not_swept_however_wrong_the_clock_is()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();

        var kept = await run.StepAsync(
            Step.Async(StepEffect.Read, async (step, ct) =>
            {
                var written = await step.KeepAsync(new Zeros(1_000), ct);
                Assert.Equal(0, (await journal.PruneAsync(NoGrace, ct)).ValueFilesDeleted);
                return written;
            }),
            Step.Ct);

        Assert.Equal(0, (await journal.PruneAsync(NoGrace, Step.Ct)).ValueFilesDeleted);
        await using var content = journal.OpenFile(kept);
        await content.CopyToAsync(Stream.Null, Step.Ct);
    }

    [Fact]
    public async Task What_a_failed_attempt_has_written_is_swept_and_what_the_next_one_wrote_again_is_not()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        var step = Step.Async(StepEffect.Read, async (step, ct) =>
        {
            var lost = await step.KeepAsync(new Zeros(1_000 + step.Attempt), ct);
            return step.Attempt == 2 ? lost : throw new IOException("busy");
        }) with
        { Retry = new RetryPolicy { FirstDelay = TimeSpan.Zero } };

        var kept = await run.StepAsync(step, Step.Ct);

        Assert.Equal(1, (await journal.PruneAsync(NoGrace, Step.Ct)).ValueFilesDeleted);
        Assert.Equal(1_002, kept.Length);
        await using var content = journal.OpenFile(kept);
    }

    [Fact]
    public async Task The_same_value_written_swept_and_written_again_by_many_runs_at_once_is_always_there()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        using var stop = new CancellationTokenSource();
        var sweeping = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                    await journal.PruneAsync(NoGrace, Step.Ct);
            },
            Step.Ct);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(
            async () =>
            {
                for (var i = 0; i < 15; i++)
                {
                    await using var run = await journal.StartAsync($"run-{worker}-{i}");
                    var kept = await run.StepAsync(Step.Async(StepEffect.Read, (step, ct) => step.KeepAsync(new Zeros(70_000), ct)), Step.Ct);
                    await run.DoAsync(StepEffect.Read, _ => new string('v', 70_000));
                    await using (var content = journal.OpenFile(kept))
                        await content.CopyToAsync(Stream.Null, Step.Ct);
                    await using (var again = await journal.ResumeRunAsync(run.Id, Step.Ct))
                    {
                        await again.DoAsync<KeptFile>(StepEffect.Read, _ => throw new InvalidOperationException("must not run"));
                        Assert.Equal(70_000, (await again.DoAsync(StepEffect.Read, _ => "")).Length);
                        await again.CompleteAsync("1", Step.Ct);
                    }
                }
            },
            Step.Ct)));
        await stop.CancelAsync();
        await sweeping;

        await journal.PruneAsync(NoGrace, Step.Ct);
        Assert.Empty(Directory.GetFiles(file.File + ".blobs", "*", SearchOption.AllDirectories));
    }
}
