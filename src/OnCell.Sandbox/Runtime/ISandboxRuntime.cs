namespace OnCell.Sandboxes;

/// <summary>Starts, finds and destroys sandboxes on this host.</summary>
public interface ISandboxRuntime : IAsyncDisposable
{
    /// <summary>Gets the copies of volumes.</summary>
    /// <exception cref="NotSupportedException">The runtime's volumes cannot be copied.</exception>
    ISandboxSnapshots Snapshots => throw new NotSupportedException($"{GetType().Name} has no snapshots: use {nameof(RunscRuntime)}.");

    /// <summary>Boots a sandbox over its volume (made if absent) and waits for its guest to answer.</summary>
    /// <exception cref="SandboxException">It could not be started; nothing of it is left but its volume.</exception>
    Task<Sandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken);

    /// <summary>Boots sandboxes of a size ahead, so that the next starts of that size are sooner; nothing where the runtime keeps none.</summary>
    /// <param name="resources">The size: processors, memory and tasks count, storage does not.</param>
    /// <param name="cancellationToken">Ends the wait, not the booting.</param>
    /// <exception cref="SandboxException">The host cannot run sandboxes.</exception>
    Task WarmAsync(SandboxResources resources, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes over a sandbox that an earlier process of this host left running.</summary>
    /// <returns>The sandbox, or <see langword="null"/> when it does not run any more (whatever was left of it is then removed).</returns>
    Task<Sandbox?> AttachAsync(SandboxSpec spec, CancellationToken cancellationToken);

    /// <summary>Lists the ids of which this runtime finds a trace on the host: a container, mount or runtime folder.</summary>
    Task<IReadOnlyList<SandboxId>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Ends a sandbox and removes its processes, mounts, loop devices, cgroups and sockets; its volume image stays. Safe to repeat.</summary>
    Task DestroyAsync(SandboxId id, CancellationToken cancellationToken);

    /// <summary>Examines the host: what is there, what is missing, and the fix of each.</summary>
    Task<RuntimeReport> ProbeAsync(CancellationToken cancellationToken);
}
