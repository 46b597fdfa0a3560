using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Storage;

namespace OnCell.Journal.Tests.Faults.Disks;

/// <summary>
/// Runs write large values and kept files to a real disk, whose power is cut at every point of the protocol: at each of the five
/// stages of a file (written, synced, named, its folder synced, its record committed), and before and after every commit.
/// </summary>
internal sealed class BlockCutHarness(string folder, StorageFaults faults)
{
    private readonly List<(string Image, int Acknowledged)> _cuts = [];

    public HashSet<ProtocolPoint> Points { get; } = [];

    public async Task<FaultReport> RunAsync(int cuts)
    {
        var acknowledged = 0;
        using (var disk = new BlockDisk(Path.Combine(folder, "original")))
        {
            var cutting = true;
            var options = new JournalOptions { Faults = faults with { Reached = point => Cut(disk, point, cutting, cuts, acknowledged) } };
            await using var journal = await DurableJournal.OpenAsync(Path.Combine(disk.Root, "journal.db"), options);
            await using var run = await journal.StartRunAsync(new RunStart("run", "cut", "{}", "1"), default);
            acknowledged = 1;
            while (_cuts.Count < cuts)
            {
                // Nothing else writes meanwhile, so a copy of the disk is of one moment.
                await StepAsync(run, acknowledged - 1, journal.OpenFile);
                acknowledged++;
            }

            cutting = false;
        }

        var reports = new List<FaultReport>();
        foreach (var (image, steps) in _cuts)
        {
            reports.Add(await CheckAsync(image, steps));
            File.Delete(image);
        }

        return reports.Aggregate(static (sum, report) => sum + report);
    }

    private void Cut(BlockDisk disk, ProtocolPoint point, bool cutting, int cuts, int acknowledged)
    {
        if (!cutting || _cuts.Count >= cuts)
            return;
        var image = Path.Combine(folder, $"cut-{_cuts.Count}.img");
        disk.CutTo(image);
        _cuts.Add((image, acknowledged));
        Points.Add(point);
    }

    /// <summary>A step whose result is a file beside the database, and one that keeps a file as well.</summary>
    private static async Task<string> StepAsync(JournalRun run, int i, Func<KeptFile, Stream> open)
    {
        var large = await run.StepAsync(
            Step.Async(i % 2 == 0 ? StepEffect.Read : StepEffect.Idempotent, async (step, ct) =>
            {
                var kept = await step.KeepAsync(new MemoryStream(Enumerable.Repeat((byte)i, 30_000).ToArray()), ct);
                return new Both(kept, new string((char)('a' + (i % 26)), 70_000));
            }),
            default);
        await using var content = open(large.Kept);
        await content.CopyToAsync(Stream.Null);
        return large.Text;
    }

    /// <summary>Everything acknowledged before the cut is there, with the bytes of its files.</summary>
    private static async Task<FaultReport> CheckAsync(string image, int acknowledged)
    {
        using var disk = BlockDisk.Open(image);
        var path = Path.Combine(disk.Root, "journal.db");
        var (steps, lost) = (Math.Max(0, acknowledged - 1), 0);
        await using (var journal = await DurableJournal.OpenAsync(path))
        {
            if (acknowledged > 0 && await journal.GetRunAsync("run", default) is null)
            {
                lost = acknowledged;
            }
            else if (acknowledged > 0)
            {
                await using var run = await journal.ResumeRunAsync("run", default);
                for (var i = 0; i < steps; i++)
                    lost += await IsThereAsync(run, i, journal.OpenFile) ? 0 : 1;
            }
        }

        return new FaultReport(1, steps, lost, 0, 0, 0, 0, TestJournal.QuickCheck(path) == "ok" ? 0 : 1);
    }

    private static async Task<bool> IsThereAsync(JournalRun run, int i, Func<KeptFile, Stream> open)
    {
        if (!run.Replaying)
            return false;
        try
        {
            return await StepAsync(run, i, open) == new string((char)('a' + (i % 26)), 70_000);
        }
        catch (JournalCorruptException)
        {
            return false;
        }
    }

    private sealed record Both(KeptFile Kept, string Text);
}
