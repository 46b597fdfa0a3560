using OnCell.Demo.Checks;

namespace OnCell.Demo.Service;

/// <summary>Keeps the service up, strikes it down, and starts it again on the same data.</summary>
public sealed class ServiceHost(ServiceOptions options) : IAsyncDisposable
{
    private ServiceProcess? _process;

    /// <summary>Gets the API of the running service.</summary>
    public ServiceClient Api => Running.Api;

    /// <summary>Gets where the running service listens.</summary>
    public Uri Address => Running.Address;

    /// <summary>Gets the traces that its cells leave on this host.</summary>
    public HostTraces Traces { get; } = new(options.DataRoot);

    /// <summary>Gets how often it was struck down.</summary>
    public int Kills { get; private set; }

    /// <summary>Starts the service.</summary>
    public async Task StartAsync(CancellationToken cancellationToken) =>
        _process = await ServiceProcess.StartAsync(options, cancellationToken);

    /// <summary>Starts the service where it does not run.</summary>
    public Task EnsureStartedAsync(CancellationToken cancellationToken) =>
        _process is null ? StartAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Kills the service with SIGKILL, and with it the sandbox of a cell where one is named.</summary>
    public async Task StrikeAsync(string? cell)
    {
        Traces.Observe();
        var victim = Running;
        _process = null;
        await victim.KillAsync();
        if (cell is not null)
        {
            foreach (var pid in Traces.SandboxProcesses(cell))
                Native.Signal(pid, Native.SigKill);
        }

        await victim.DisposeAsync();
        Kills++;
    }

    /// <summary>Gets the lines of the guest's record of keyed commands of a cell that is active.</summary>
    public string[] ReadExecLog(string cell) =>
        File.ReadAllLines(Path.Combine(options.DataRoot, "cells", cell, "volume", "guest", "exec.log"));

    /// <summary>Asks the service to end.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        Traces.Observe();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private ServiceProcess Running => _process ?? throw new InvalidOperationException("The service does not run.");
}
