using System.Globalization;
using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>A runtime with folders of its own, removed at the end.</summary>
internal sealed class BenchmarkLab(string dataRoot, string rootFileSystem, string runtimeRoot, int warmPoolSize) : IAsyncDisposable
{
    public string DataRoot => dataRoot;

    public RunscRuntime Runtime { get; } = new(new RunscOptions { RuntimeRoot = runtimeRoot, WarmPoolSize = warmPoolSize });

    public SandboxSpec Spec(string id) => new()
    {
        Id = new SandboxId(id),
        Folder = $"{dataRoot}/{id}",
        RootFileSystem = rootFileSystem,
        Resources = new SandboxResources { Cpus = 2, MemoryBytes = 2L << 30, StorageBytes = 4L << 30 },
    };

    public Task<OnCell.Sandboxes.Sandbox> StartAsync(string id) => Runtime.StartAsync(Spec(id), CancellationToken.None);

    /// <summary>Runs a shell line that must succeed.</summary>
    public static async Task<string> ShellAsync(OnCell.Sandboxes.Sandbox cell, string line)
    {
        var result = await cell.RunAsync(ExecSpec.Shell(line));
        return result.ExitCode == 0
            ? Encoding.UTF8.GetString(result.Stdout)
            : throw new InvalidOperationException($"'{line}' failed: {Encoding.UTF8.GetString(result.Stderr)}");
    }

    /// <summary>Runs a Python program that prints one number.</summary>
    public static async Task<double> PythonAsync(OnCell.Sandboxes.Sandbox cell, string program)
    {
        var result = await cell.RunAsync(ExecSpec.Command("python3", "-c", program));
        var text = Encoding.UTF8.GetString(result.Stdout).Trim();
        return result.ExitCode == 0
            ? double.Parse(text, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException(Encoding.UTF8.GetString(result.Stderr));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var id in await Runtime.ListAsync(CancellationToken.None))
            await Runtime.DestroyAsync(id, CancellationToken.None);
        await Runtime.DisposeAsync();
    }
}
