using System.Collections.Concurrent;
using System.Text;
using OnCell.Sandbox.Tests.Docker;
using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;

[assembly: AssemblyFixture(typeof(OnCell.Sandbox.IsolationTests.CellPair))]
[assembly: AssemblyFixture(typeof(OnCell.Sandbox.IsolationTests.PooledCellPair))]
[assembly: AssemblyFixture(typeof(OnCell.Sandbox.IsolationTests.DockerCellPair))]

namespace OnCell.Sandbox.IsolationTests;

/// <summary>Two real cells side by side: an attacker and a neighbour. No attack of a test that uses them may harm either.</summary>
public class CellPair : IAsyncLifetime
{
    // The attacks from one cell take turns: one that kills all processes would end the command of another.
    internal const string Collection = "runsc";

    internal const string Secret = "neighbours-secret-4711";

    private CellLab? _lab;

    public OnCell.Sandboxes.Sandbox Attacker { get; private set; } = null!;

    public OnCell.Sandboxes.Sandbox Neighbour { get; private set; } = null!;

    internal CellLab Lab => _lab!;

    internal ConcurrentQueue<EgressEvent> Egress { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable("HOST_ONLY_SECRET", Secret);
        _lab = await OpenLabAsync();
        Attacker = await _lab.Runtime.StartAsync(_lab.Spec("attacker") with { OnEgress = Egress.Enqueue }, CancellationToken.None);
        Neighbour = await _lab.StartAsync("neighbour");
        await Neighbour.Files.WriteAsync("/work/secret", Encoding.UTF8.GetBytes(Secret), 0x180, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Attacker.DisposeAsync();
        await Neighbour.DisposeAsync();
        await _lab!.DisposeAsync();
    }

    private protected virtual async Task<CellLab> OpenLabAsync() => await SandboxLab.OpenAsync();

    /// <summary>Runs Python as root in the attacker's cell; returns what it printed, both streams.</summary>
    internal Task<string> PythonAsync(string program) => PythonAsync(Attacker, program);

    internal static async Task<string> PythonAsync(OnCell.Sandboxes.Sandbox cell, string program)
    {
        var spec = ExecSpec.Command("python3", "-c", program) with { Timeout = TimeSpan.FromSeconds(60) };
        var result = await cell.RunAsync(spec, null, TestContext.Current.CancellationToken);
        return (Encoding.UTF8.GetString(result.Stdout) + Encoding.UTF8.GetString(result.Stderr)).Trim();
    }

    /// <summary>Runs a shell line in the attacker's cell that must fail; returns what it wrote.</summary>
    internal async Task<string> MustFailAsync(string line)
    {
        var spec = ExecSpec.Shell(line) with { Timeout = TimeSpan.FromSeconds(60) };
        var result = await Attacker.RunAsync(spec, null, TestContext.Current.CancellationToken);
        var text = Encoding.UTF8.GetString(result.Stdout) + Encoding.UTF8.GetString(result.Stderr);
        Assert.True(result.ExitCode != 0, $"'{line}' succeeded: {text}");
        return text;
    }

    /// <summary>The neighbour goes on as if nothing had happened.</summary>
    internal async Task NeighbourIsUnharmedAsync() =>
        Assert.Equal(Secret, await CellLab.ShellAsync(Neighbour, "cat /work/secret"));
}

/// <summary>The same in sandboxes of the warm pool, where each cell is the second container of its sandbox.</summary>
public sealed class PooledCellPair : CellPair
{
    internal new const string Collection = "pooled";

    private protected override async Task<CellLab> OpenLabAsync()
    {
        var lab = await SandboxLab.OpenAsync(warmPoolSize: 2);
        await lab.Runtime.WarmAsync(lab.Spec().Resources, CancellationToken.None);
        return lab;
    }
}

/// <summary>The same in containers of a Docker engine that has gVisor for its runtime.</summary>
public sealed class DockerCellPair : CellPair
{
    internal new const string Collection = "docker";

    private protected override async Task<CellLab> OpenLabAsync() => await DockerLab.OpenAsync();
}
