using Microsoft.Extensions.Logging;

namespace OnCell.Sandboxes.Runtime;

/// <summary>A sandbox of <see cref="RunscRuntime"/>.</summary>
internal sealed class RunscSandbox(
    SandboxSpec spec, SandboxHome home, SandboxLinks links, int pid, Task ended, RunscOptions options,
    KeyedLock<SandboxId> locks, ILogger logger)
    : LinkedSandbox(
        spec.Id, home.Volume(spec.Folder).Work, links, ended, () => ReasonOfDeath(home, pid), options.StopTimeout, locks, logger)
{
    internal int ProcessId => pid;

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
}
