using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>A sandbox of <see cref="RunscRuntime"/>.</summary>
internal sealed class RunscSandbox(
    SandboxSpec spec, SandboxHome home, SandboxLinks links, int pid, bool restored, Task ended, RunscCommand runsc, RunscOptions options,
    KeyedLock<SandboxId> locks, ILogger logger)
    : LinkedSandbox(
        spec.Id, home.Volume(spec.Folder).Work, links, ended, () => ReasonOfDeath(home, pid), options.StopTimeout, locks, logger)
{
    internal int ProcessId => pid;

    public override bool Restored => restored;

    public override async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        using var _ = await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        if (home.IsPooled || !spec.Checkpoints)
            throw new NotSupportedException($"Sandbox {Id} was started without SandboxSpec.Checkpoints.");
        var started = Stopwatch.GetTimestamp();
        await SetFrozenAsync(false, cancellationToken).ConfigureAwait(false);
        var note = await home.DescribeAsync(cancellationToken).ConfigureAwait(false);
        await Links.DetachAsync(Id, cancellationToken).ConfigureAwait(false);
        var checkpoint = new CheckpointFolder(spec.Folder);
        if (await SaveAsync(checkpoint).ConfigureAwait(false) is { } fault)
        {
            checkpoint.Remove();
            RuntimeLog.NotCheckpointed(Logger, Id, fault);
            await LeaveAsync(CancellationToken.None).ConfigureAwait(false);
            throw new SandboxLostException($"Sandbox {Id} ended without a checkpoint: {fault}. Its files are kept.");
        }

        checkpoint.Publish(note); // before the rest is removed: whoever finds that half done can still restore
        await LeaveAsync(cancellationToken).ConfigureAwait(false);
        RuntimeLog.Checkpointed(Logger, Id, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    public override SandboxUsage? ReadUsage() =>
        home.Cgroup.CpuTime() is { } cpu && home.Cgroup.MemoryBytes() is { } memory
            ? new SandboxUsage(cpu, memory, SparseFile.AllocatedBytes(home.Volume(spec.Folder).ImagePath))
            : null;

    protected override Task SetFrozenAsync(bool frozen, CancellationToken cancellationToken)
    {
        if (frozen)
            return home.Cgroup.FreezeAsync(cancellationToken);
        return home.Cgroup.IsFrozen() ? home.Cgroup.ThawAsync(cancellationToken) : Task.CompletedTask;
    }

    protected override Task RemoveAsync(CancellationToken cancellationToken) => home.RemoveAsync(cancellationToken);

    private static string ReasonOfDeath(SandboxHome home, int pid) => home.Cgroup.WasOutOfMemory()
        ? "it needed more memory than its cap"
        : $"its process {pid} ended";

    /// <summary>Has runsc write the checkpoint, with which the sandbox ends. Not to be cancelled: half of it is of no use.</summary>
    /// <returns>Why there is none, where the sandbox ended without.</returns>
    /// <exception cref="SandboxException">runsc refused, and the sandbox goes on.</exception>
    private async Task<string?> SaveAsync(CheckpointFolder checkpoint)
    {
        Released = true;
        checkpoint.Begin();
        string? refused = null;
        try
        {
            await runsc.CheckpointAsync(home.Folder, checkpoint.Aside, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SandboxException error)
        {
            refused = error.Message;
        }

        await Task.WhenAny(Lost, Task.Delay(options.StopTimeout)).ConfigureAwait(false);
        if (Lost.IsCompleted)
            return refused ?? checkpoint.FindFault();
        if (refused is null)
            return "the sandbox did not end with it";
        checkpoint.Remove();
        Released = false;
        Links.Resume();
        throw new SandboxException($"Sandbox {Id} could not be checkpointed, and goes on: {refused}");
    }
}
