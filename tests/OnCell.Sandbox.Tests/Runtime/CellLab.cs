using System.Text;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Images;

namespace OnCell.Sandbox.Tests.Runtime;

/// <summary>A runtime of one test with folders of its own; at the end it must have left nothing on the host.</summary>
internal abstract class CellLab(string rootFileSystem) : IAsyncDisposable
{
    private readonly TemporaryFolder _data = new();
    private readonly TemporaryFolder _run = new("/run");

    internal string RootFileSystem { get; } = rootFileSystem;

    internal string RuntimeRoot => _run["runtime"];

    internal string DataRoot => _data.Path;

    internal abstract ISandboxRuntime Runtime { get; }

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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

    internal virtual IReadOnlyList<string> Traces() => HostTraces.Of(RuntimeRoot, DataRoot);

    public async ValueTask DisposeAsync()
    {
        foreach (var id in await Runtime.ListAsync(CancellationToken.None))
            await Runtime.DestroyAsync(id, CancellationToken.None);
        await Runtime.DisposeAsync();
        var traces = Directory.Exists(RuntimeRoot) ? [.. Traces(), $"folder {RuntimeRoot}"] : Traces();
        await DisposeOwnAsync();
        _data.Dispose();
        _run.Dispose();
        Assert.Empty(traces);
    }

    protected virtual ValueTask DisposeOwnAsync() => ValueTask.CompletedTask;

    /// <summary>Gets the base system of the tests: git and python3.</summary>
    private protected static async Task<string> ImageAsync()
    {
        var image = await new ImageStore(new ImageStoreOptions())
            .GetAsync(new ImageSpec { Packages = ["git", "python3"] }, cancellationToken: Cancellation);
        return image.RootFileSystem;
    }
}
