using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Runtime;

/// <summary>A lab of the runtime that calls runsc itself.</summary>
internal sealed class SandboxLab : CellLab
{
    /// <summary>Time-outs of tests that are not about time-outs: a crowded machine fails none of them.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private SandboxLab(string rootFileSystem, int warmPoolSize)
        : base(rootFileSystem) => Runtime = NewRuntime(o => o.WarmPoolSize = warmPoolSize);

    internal override RunscRuntime Runtime { get; }

    internal static async Task<SandboxLab> OpenAsync(int warmPoolSize = 0) => new(await ImageAsync(), warmPoolSize);

    internal RunscRuntime NewRuntime(Action<RunscOptions>? configure = null)
    {
        var options = new RunscOptions { RuntimeRoot = RuntimeRoot, CommandTimeout = Patience, StartTimeout = Patience };
        configure?.Invoke(options);
        return new RunscRuntime(options);
    }
}
