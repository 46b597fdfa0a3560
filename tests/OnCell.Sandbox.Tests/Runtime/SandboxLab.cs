using System.Text;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Images;

namespace OnCell.Sandbox.Tests.Runtime;

/// <summary>A runtime of one test with folders of its own; at the end it must have left nothing on the host.</summary>
internal sealed class SandboxLab : IAsyncDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly TemporaryFolder _run = new("/run");

    private SandboxLab(string rootFileSystem, int warmPoolSize)
    {
        RootFileSystem = rootFileSystem;
        Runtime = NewRuntime(o => o.WarmPoolSize = warmPoolSize);
    }

    internal string RootFileSystem { get; }

    internal string RuntimeRoot => _run.Path;

    internal string DataRoot => _data.Path;

    internal RunscRuntime Runtime { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<SandboxLab> OpenAsync(int warmPoolSize = 0)
    {
        var image = await new ImageStore(new ImageStoreOptions())
            .GetAsync(new ImageSpec { Packages = ["git", "python3"] }, cancellationToken: Cancellation);
        return new SandboxLab(image.RootFileSystem, warmPoolSize);
    }

    internal RunscRuntime NewRuntime(Action<RunscOptions>? configure = null)
    {
        var options = new RunscOptions { RuntimeRoot = RuntimeRoot };
        configure?.Invoke(options);
        return new RunscRuntime(options);
    }

    internal SandboxSpec Spec(string id = "cell") => Spec(id, DataRoot, RootFileSystem);

    internal static SandboxSpec Spec(string id, string dataRoot, string rootFileSystem) => new()
    {
        Id = new SandboxId(id),
        Folder = $"{dataRoot}/{id}",
        RootFileSystem = rootFileSystem,
        Resources = new SandboxResources { Cpus = 2, MemoryBytes = 1 << 30, StorageBytes = 512 << 20 },
    };

    internal Task<OnCell.Sandboxes.Sandbox> StartAsync(string id = "cell") => Runtime.StartAsync(Spec(id), Cancellation);

    /// <summary>Runs a shell line and returns its output; it must exit with 0.</summary>
    internal static async Task<string> ShellAsync(OnCell.Sandboxes.Sandbox sandbox, string line)
    {
        var result = await sandbox.RunAsync(ExecSpec.Shell(line), null, Cancellation);
        Assert.True(result.ExitCode == 0, $"'{line}' ended with {result.Outcome} {result.ExitCode}: {Encoding.UTF8.GetString(result.Stderr)}");
        return Encoding.UTF8.GetString(result.Stdout);
    }

    internal IReadOnlyList<string> Traces() => HostTraces.Of(RuntimeRoot, DataRoot);

    public async ValueTask DisposeAsync()
    {
        foreach (var id in await Runtime.ListAsync(CancellationToken.None))
            await Runtime.DestroyAsync(id, CancellationToken.None);
        await Runtime.DisposeAsync();
        var traces = Traces();
        _data.Dispose();
        _run.Dispose();
        Assert.Empty(traces);
    }
}
