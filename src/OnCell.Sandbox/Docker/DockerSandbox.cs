using Microsoft.Extensions.Logging;
using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandboxes.Docker;

/// <summary>A sandbox of <see cref="DockerRuntime"/>.</summary>
internal sealed class DockerSandbox(
    SandboxSpec spec, DockerHome home, SandboxLinks links, ContainerEnd end, DockerOptions options, KeyedLock<SandboxId> locks, ILogger logger)
    : LinkedSandbox(spec.Id, home.Volume(spec.Folder).Work, links, end.Task, () => end.Reason, options.StopTimeout, locks, logger)
{
    protected override Task SetFrozenAsync(bool frozen, CancellationToken cancellationToken) => home.SetFrozenAsync(frozen, cancellationToken);

    protected override Task RemoveAsync(CancellationToken cancellationToken) => home.RemoveAsync(cancellationToken);
}
