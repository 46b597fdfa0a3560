using OnCell.Sandboxes.Runtime;
using OnCell.Sandboxes.Volumes;

namespace OnCell.Sandboxes.Snapshots;

/// <summary>What snapshots need to know of a sandbox of <see cref="RunscRuntime"/>.</summary>
internal sealed class RunscSnapshotHome(SandboxHome home) : ISnapshotHome
{
    public CellVolume Volume(string folder) => home.Volume(folder);

    public Task<string?> FindRunningAsync(CancellationToken cancellationToken) =>
        Task.FromResult(home.FindProcess() is int pid ? $"process {pid}" : null);

    public Task ClearAsync(CancellationToken cancellationToken) => home.HasTrace ? home.RemoveAsync(cancellationToken) : Task.CompletedTask;
}
