using System.Collections.Concurrent;
using OnCell.Journal.Tests.Support;
using OnCell.Journaling.Storage;

namespace OnCell.Journal.Tests.Faults.Disks;

/// <summary>
/// Runs write to a journal while the power is cut again and again, at random writes and syncs: each cut is a copy of what
/// the disk would hold, opened by a new journal and compared with what had been acknowledged by then.
/// </summary>
internal sealed class PowerCutHarness(string folder, int seed, string synchronous)
{
    private const int Runs = 4;
    private const int OneCutIn = 40;
    private const int OneRecoveryCutIn = 4;
    private const int DeepestRecovery = 4;
    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<(string Run, string Position), byte> _acknowledged = new();
    private readonly ConcurrentQueue<(string Folder, (string Run, string Position)[] Acknowledged)> _cuts = new();

    /// <summary>Gets how many cuts met the recovery from an earlier cut.</summary>
    public int CutsInRecovery { get; private set; }

    public int TornWrites { get; private set; }

    public int ReorderedFiles { get; private set; }

    public async Task<FaultReport> RunAsync(int cuts)
    {
        var original = Directory.CreateDirectory(Path.Combine(folder, "original")).FullName;
        using var disk = new FaultDisk(original);
        var options = new JournalOptions
        {
            Faults = new StorageFaults { Vfs = ShimVfs.Name, Synchronous = synchronous, CheckpointPages = 30 },
        };
        await using (var journal = await DurableJournal.OpenAsync(Path.Combine(original, "journal.db"), options))
        {
            var left = cuts;
            disk.Operation = () =>
            {
                if (Volatile.Read(ref left) > 0 && _random.Next(OneCutIn) == 0)
                {
                    left--;
                    Cut(disk);
                }
            };
            await Task.WhenAll(Enumerable.Range(0, Runs).Select(i => Task.Run(() => WorkAsync(journal, $"run-{i}", () => Volatile.Read(ref left) > 0))));
            disk.Operation = null;
            (TornWrites, ReorderedFiles) = (disk.Torn, disk.Reordered);
        }

        var reports = new List<(int Lost, int Wrong, int Broken)>();
        while (_cuts.TryDequeue(out var cut))
        {
            reports.Add(await CheckAsync(cut.Folder, cut.Acknowledged));
            Directory.Delete(cut.Folder, recursive: true);
        }

        return new FaultReport(
            reports.Count,
            _acknowledged.Count,
            reports.Sum(static report => report.Lost),
            DuplicatedEffects: 0,
            MissingEffects: 0,
            ChangedKeys: 0,
            reports.Sum(static report => report.Wrong),
            reports.Sum(static report => report.Broken));
    }

    private void Cut(FaultDisk disk)
    {
        // What is acknowledged before the copy is made must be in it.
        var acknowledged = _acknowledged.Keys.ToArray();
        var into = Directory.CreateDirectory(Path.Combine(folder, $"cut-{_cuts.Count}-{Guid.NewGuid():n}")).FullName;
        disk.Cut(into, _random);
        _cuts.Enqueue((into, acknowledged));
    }

    private async Task WorkAsync(DurableJournal journal, string id, Func<bool> goOn)
    {
        await using var run = await journal.StartRunAsync(new RunStart(id, "cut", "{}", "1"), default);
        _acknowledged[(id, "")] = 0;
        for (var i = 1; goOn(); i++)
        {
            var value = $"{id} {i} {new string('v', i % 700)}";
            await run.StepAsync(Step.Of(i % 3 == 0 ? StepEffect.Read : StepEffect.Idempotent, step =>
            {
                step.SetMemory(id, i.ToString(System.Globalization.CultureInfo.InvariantCulture));
                return value;
            }), default);
            _acknowledged[(id, $"{i}")] = 0;
        }
    }

    /// <summary>
    /// Opens what the cut left, as the service does after the power is back. The power may go again while it does, and again
    /// while it recovers from that: what was acknowledged must be there whichever of them is the last.
    /// </summary>
    private async Task<(int Lost, int Wrong, int Broken)> CheckAsync(
        string cut, (string Run, string Position)[] acknowledged, int depth = 0)
    {
        var again = Path.Combine(cut, "again");
        var (lost, wrong, broken) = (0, 0, 0);
        using (var disk = new FaultDisk(cut))
        {
            disk.Operation = () =>
            {
                if (depth == DeepestRecovery || Directory.Exists(again) || _random.Next(OneRecoveryCutIn) > 0)
                    return;
                disk.Cut(Directory.CreateDirectory(again).FullName, _random);
                CutsInRecovery++;
            };
            try
            {
                (lost, wrong) = await OpenAsync(Path.Combine(cut, "journal.db"), acknowledged);
            }
            catch (JournalException)
            {
                broken = 1;
            }

            broken += TestJournal.QuickCheck(Path.Combine(cut, "journal.db")) == "ok" ? 0 : 1;
        }

        if (!Directory.Exists(again))
            return (lost, wrong, broken);
        var next = await CheckAsync(again, acknowledged, depth + 1);
        return (lost + next.Lost, wrong + next.Wrong, broken + next.Broken);
    }

    private async Task<(int Lost, int Wrong)> OpenAsync(string path, (string Run, string Position)[] acknowledged)
    {
        var (lost, wrong) = (0, 0);
        var options = new JournalOptions { Faults = new StorageFaults { Vfs = ShimVfs.Name, Synchronous = synchronous, CheckpointPages = 1 } };
        await using var journal = await DurableJournal.OpenAsync(path, options);
        foreach (var steps in acknowledged.GroupBy(static step => step.Run))
        {
            if (await journal.GetRunAsync(steps.Key, default) is null)
            {
                lost += steps.Count();
                continue;
            }

            // The claim is a write, and the checkpoint after it moves all that the cut left in the log.
            await (await journal.ResumeRunAsync(steps.Key, default)).DisposeAsync();
            var ended = (await journal.ListStepsAsync(steps.Key, default))
                .Where(static step => step.State == StepState.Completed).Select(static step => step.Position).ToHashSet();
            lost += steps.Count(step => step.Position.Length > 0 && !ended.Contains(step.Position));

            // Memory is never behind the step that wrote it, nor ahead.
            var memory = await journal.Memory.GetAsync<int?>(steps.Key, default) ?? 0;
            wrong += memory == ended.Count ? 0 : 1;
        }

        return (lost, wrong);
    }
}
