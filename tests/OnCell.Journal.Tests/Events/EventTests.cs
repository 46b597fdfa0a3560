using System.Text.Json;
using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Events;

public class EventTests
{
    [Fact]
    public async Task Events_are_read_back_then_followed_until_the_run_has_ended()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        await run.DoAsync(StepEffect.Idempotent, _ => 1, "build");
        var seen = new List<JournalEvent>();
        var second = new TaskCompletionSource();
        var following = Task.Run(
            async () =>
            {
                await foreach (var entry in journal.ReadEventsAsync("run-1", 0, Step.Ct))
                {
                    seen.Add(entry);
                    if (seen.Count == 3)
                        second.SetResult();
                }
            },
            Step.Ct);
        await second.Task;

        await run.DoAsync(StepEffect.Read, _ => 2, "look");
        await run.CompleteAsync("""{"files":2}""", Step.Ct);
        await following;

        Assert.Equal(
            ["run.started", "step.started", "step.ended", "step.ended", "run.completed"], seen.Select(entry => entry.Type));
        var ended = JsonDocument.Parse(seen[2].PayloadJson).RootElement;
        Assert.Equal("build", ended.GetProperty("name").GetString());
        Assert.Equal("completed", ended.GetProperty("state").GetString());
        Assert.Equal(1, ended.GetProperty("attempt").GetInt32());
        Assert.True(ended.GetProperty("milliseconds").GetDouble() >= 0);
        Assert.Equal(2, JsonDocument.Parse(seen[4].PayloadJson).RootElement.GetProperty("result").GetProperty("files").GetInt32());
    }

    [Fact]
    public async Task Reading_on_from_any_event_gives_exactly_the_rest()
    {
        await using var file = new TestJournal();
        var journal = await file.ReopenAsync();
        await using var run = await journal.StartAsync();
        await using var other = await journal.StartAsync("other");
        for (var i = 0; i < 300; i++)
        {
            await Task.WhenAll(run.DoAsync(StepEffect.Pure, _ => i), other.DoAsync(StepEffect.Pure, _ => i));
        }

        await run.CompleteAsync("null", Step.Ct);
        var all = await journal.ReadEventsAsync("run-1", 0, Step.Ct).ToListAsync(Step.Ct);

        Assert.Equal(302, all.Count);
        foreach (var at in new[] { 0, 1, 255, 256, 300, 301 })
        {
            var rest = await journal.ReadEventsAsync("run-1", all[at].Sequence, Step.Ct).ToListAsync(Step.Ct);
            Assert.Equal(all.Skip(at + 1), rest);
        }
    }
}
