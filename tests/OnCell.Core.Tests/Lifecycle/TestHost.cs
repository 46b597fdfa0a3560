using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OnCell.Hosting;

namespace OnCell.Core.Tests.Lifecycle;

/// <summary>A service without HTTP: real sandboxes, a data root of its own, as many lives as a test wants.</summary>
public sealed class TestHost : IAsyncDisposable
{
    private readonly Action<IOnCellBuilder> _build;
    private readonly Action<OnCellOptions>? _configure;
    private readonly string? _dataRoot;
    private IHost? _host;

    private TestHost(string dataRoot, Action<IOnCellBuilder> build, Action<OnCellOptions>? configure)
    {
        _configure = configure;
        _dataRoot = dataRoot;
        _build = build;
    }

    public string DataRoot => _dataRoot!;

    /// <summary>The sandboxes that are booted ahead and wait.</summary>
    public IReadOnlyList<string> PooledSandboxes() =>
        _host!.Services.GetRequiredService<OnCell.Cells.CellPaths>().Runtime is var runtime && Directory.Exists(runtime)
            ? Directory.GetDirectories(runtime, ".pool-*") : []; // without a sandbox there is no folder of theirs

    /// <summary>Waits until the pool of a cell's size is full: a folder is there before its sandbox is.</summary>
    public Task WhenPoolFullAsync(string customer) => _host!.Services.GetRequiredService<OnCell.Cells.ICellSandboxes>()
        .WarmAsync(_host.Services.GetRequiredService<CellHost>().Cells.Get(customer).Spec, TestContext.Current.CancellationToken);

    public ICellManager Cells => _host!.Services.GetRequiredService<ICellManager>();

    public IAgents Agents => _host!.Services.GetRequiredService<IAgents>();

    public IServiceProvider Services => _host!.Services;

    public static async Task<TestHost> StartAsync<TAgent>(Action<OnCellOptions>? configure = null, Action<IOnCellBuilder>? build = null)
        where TAgent : Agent
    {
        var host = new TestHost(
            Directory.CreateTempSubdirectory("oncell-test-").FullName,
            b =>
            {
                b.AddAgent<TAgent>();
                build?.Invoke(b);
            },
            configure);
        await host.StartAsync();
        return host;
    }

    public async Task StartAsync()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        _build(builder.Services.AddOnCell(o =>
        {
            o.DataRoot = DataRoot;
            _configure?.Invoke(o);
        }));
        _host = builder.Build();
        await _host.StartAsync();
        var cells = _host.Services.GetRequiredService<CellHost>();
        var limit = Stopwatch.StartNew();
        while (!cells.Status.Ready)
        {
            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(1), cells.Status.State);
            await Task.Delay(10);
        }
    }

    /// <summary>Stops the service; its sandboxes go on, as after a crash.</summary>
    public async Task StopAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
        _host = null;
    }

    public Task<CellInfo> CreateAsync(string customer) =>
        Cells.CreateAsync(new CustomerRequest { Id = customer }, null, TestContext.Current.CancellationToken);

    /// <summary>The processes of a cell's sandbox on the host, its kernel and its file server, by the name in their arguments.</summary>
    public IReadOnlyList<int> SandboxProcesses(string customer) => ProcessesOf(customer, "");

    /// <summary>Writes a file into a running cell, as only its guest can: nothing the host writes there is seen.</summary>
    public async Task WriteAsync(string customer, string path)
    {
        var cell = _host!.Services.GetRequiredService<CellHost>().Cells.Get(customer);
        using var lease = await cell.AcquireAsync(default);
        var sandbox = await cell.GetSandboxAsync(default);
        await sandbox.Files.WriteAsync(path, default, 0b110_100_100, default);
    }

    /// <summary>Kills a cell's sandbox as the end of the host would.</summary>
    public void KillSandbox(string customer) => Kill(SandboxProcesses(customer));

    /// <summary>Kills the sandbox of a local model's server as the end of its memory would.</summary>
    public void KillModelServer(string model) => Kill(ProcessesOf($"model-{model}", "-m"));

    private IReadOnlyList<int> ProcessesOf(string sandbox, string runtime)
    {
        var root = Path.GetFileName(_host!.Services.GetRequiredService<OnCell.Cells.CellPaths>().Runtime) + runtime;
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && CommandLine(pid) is { } line && line.Contains(root, StringComparison.Ordinal)
                && line.Split('\0').Contains(sandbox))];
    }

    public static void Kill(IReadOnlyList<int> processes)
    {
        Assert.NotEmpty(processes);
        foreach (var pid in processes)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
            }
            catch (ArgumentException)
            {
                // It ended with the one before it.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is null) await StartAsync();
        foreach (var cell in await Cells.ListAsync(default)) await Cells.DeleteAsync(cell.Customer, default);
        await StopAsync();
        Assert.DoesNotContain(DataRoot, await File.ReadAllTextAsync("/proc/mounts"));
        Directory.Delete(DataRoot, recursive: true);
    }

    /// <summary>Waits until something is so.</summary>
    /// <param name="condition">Whether it is.</param>
    /// <param name="limit">After how long the test has failed; two minutes where it is not said.</param>
    public static async Task WaitForAsync(Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < (limit ?? TimeSpan.FromMinutes(2)), "what the test waits for did not come");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static string? CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return null;
        }
    }
}
