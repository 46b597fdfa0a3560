using OnCell.Cells;
using OnCell.Sandboxes;

namespace OnCell.Testing.Sandboxes;

/// <summary>Gives every cell the world's one fake sandbox.</summary>
internal sealed class FakeSandboxes(TestWorld world) : ICellSandboxes
{
    public bool NeedsRoot => false;

    public bool UsesImages => false;

    public Task<Sandbox> StartAsync(LiveCell cell, IProgress<CellProgress>? progress, CancellationToken cancellationToken) =>
        Task.FromResult<Sandbox>(new FakeSandbox(new SandboxId(cell.Id), world));

    public Task<Sandbox?> TryAttachAsync(LiveCell cell, CancellationToken cancellationToken) => Task.FromResult<Sandbox?>(null);
}

/// <summary>A host on which nothing runs.</summary>
internal sealed class FakeRuntime : ISandboxRuntime
{
    public Task<Sandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The cells of a test have fake sandboxes.");

    public Task<Sandbox?> AttachAsync(SandboxSpec spec, CancellationToken cancellationToken) => Task.FromResult<Sandbox?>(null);

    public Task<IReadOnlyList<SandboxId>> ListAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SandboxId>>([]);

    public Task DestroyAsync(SandboxId id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<RuntimeReport> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult(new RuntimeReport([]));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
