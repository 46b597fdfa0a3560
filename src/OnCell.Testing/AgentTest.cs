using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OnCell.Cells;
using OnCell.Hosting;
using OnCell.Journaling;
using OnCell.Journaling.Storage;
using OnCell.Sandboxes;
using OnCell.Testing.Sandboxes;

namespace OnCell.Testing;

/// <summary>A service with one customer for the test of an agent: everything is real but the sandbox and the model.</summary>
/// <remarks>
/// The journal, the index, the queue and the recovery are those of production, so a run that would diverge there diverges
/// here. Commands are answered by <see cref="Shell"/>, model calls by <see cref="Model"/>; files lie in a temporary folder.
/// Needs neither root nor gVisor.
/// </remarks>
/// <typeparam name="TAgent">The agent's class.</typeparam>
public sealed class AgentTest<TAgent> : IAsyncDisposable
    where TAgent : Agent
{
    private const string Customer = "test";

    private readonly TestWorld _world = new();
    private IHost? _host;

    /// <summary>Gets the customer's settings, which the agent reads as <see cref="CellContext.Config"/>. Set before the start.</summary>
    public IDictionary<string, string> Config { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gets the services that the agent's constructor is served from. Add before the start.</summary>
    public IServiceCollection Services { get; } = new ServiceCollection();

    /// <summary>Gets the model that answers by script.</summary>
    public ScriptedModel Model => _world.Model;

    /// <summary>Gets the shell that answers by script and records each command.</summary>
    public FakeShell Shell => _world.Shell;

    /// <summary>Gets the folder on this machine that is <c>/work</c> in the cell.</summary>
    public string WorkFolder => _world.WorkFolder;

    /// <summary>Gets the service's cell manager: runs, steps, signals, decisions.</summary>
    /// <exception cref="InvalidOperationException">The test was not started.</exception>
    public ICellManager Cells => Host.Services.GetRequiredService<ICellManager>();

    internal TestWorld World => _world;

    private IHost Host => _host ?? throw new InvalidOperationException("The test is not started: await StartAsync() first.");

    /// <summary>Starts the service and makes the customer, which runs the agent's setup.</summary>
    /// <param name="idempotencyKey">The key of the calls; calls with the same key and input are one run.</param>
    /// <returns>The agent, to be called.</returns>
    public async Task<AgentCaller<TAgent>> StartAsync(string? idempotencyKey = null)
    {
        await StartServiceAsync().ConfigureAwait(false);
        await Cells.CreateAsync(
            new CustomerRequest { Id = Customer, Config = Config.AsReadOnly() }, null, CancellationToken.None).ConfigureAwait(false);
        return For(idempotencyKey);
    }

    /// <summary>Addresses the agent.</summary>
    /// <param name="idempotencyKey">The key of the calls; calls with the same key and input are one run.</param>
    public AgentCaller<TAgent> For(string? idempotencyKey = null) =>
        Host.Services.GetRequiredService<IAgents>().For<TAgent>(Customer, idempotencyKey);

    /// <summary>Stops the service in the middle of whatever it does, and starts another on the same data, which takes up open runs.</summary>
    public async Task RestartAsync()
    {
        await StopServiceAsync().ConfigureAwait(false);
        await StartServiceAsync().ConfigureAwait(false);
    }

    /// <summary>Lists the steps of a run.</summary>
    /// <param name="runId">The run.</param>
    public Task<IReadOnlyList<StepInfo>> StepsAsync(string runId) => Cells.ListStepsAsync(Customer, runId, CancellationToken.None);

    /// <summary>Sends a signal to a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="name">The signal's name.</param>
    /// <param name="payload">The payload.</param>
    public Task SignalAsync(string runId, string name, object? payload = null) => Cells.SignalRunAsync(
        Customer, runId, name, System.Text.Json.JsonSerializer.SerializeToNode(payload, OnCellJson.Options), null, CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await StopServiceAsync().ConfigureAwait(false);
        _world.Dispose();
    }

    internal async Task StartServiceAsync()
    {
        _world.Crashes.Revive();
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.ClearProviders();
        foreach (var service in Services) builder.Services.Add(service);
        builder.Services.AddOnCell(o => o.DataRoot = _world.DataRoot)
            .AddAgent<TAgent>()
            .AddLocalModel("scripted", _ => _world.Model); // air-gapped cells may ask it too
        builder.Services.Replace(ServiceDescriptor.Singleton<ICellSandboxes>(new FakeSandboxes(_world)));
        builder.Services.Replace(ServiceDescriptor.Singleton<ISandboxRuntime>(new FakeRuntime()));
        builder.Services.AddSingleton(new JournalOptions { Faults = new StorageFaults { Reached = _world.Crashes.Reach } });
        _host = builder.Build();
        await _host.StartAsync().ConfigureAwait(false);
        var cells = _host.Services.GetRequiredService<CellHost>();
        while (!cells.Status.Ready)
        {
            if (cells.ExecuteTask is { IsFaulted: true } failed) await failed.ConfigureAwait(false);
            await Task.Delay(1).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the customer's cell is there, made by this service or by the one before it.</summary>
    internal async Task WaitUntilMadeAsync(CancellationToken cancellationToken)
    {
        while (await Cells.GetAsync(Customer, cancellationToken).ConfigureAwait(false) is { State: not (CellState.Active or CellState.Paused) } cell)
        {
            if (cell.State == CellState.Failed)
                throw new OnCellException(OnCellError.Failed, cell.Reason ?? "The cell could not be made.");
            await Task.Delay(1, cancellationToken).ConfigureAwait(false);
        }
    }

    internal async Task<IReadOnlyDictionary<string, string>> ReadMemoryAsync()
    {
        var cell = Host.Services.GetRequiredService<CellHost>().Cells.Get(Customer);
        var memory = (await cell.GetJournalAsync(CancellationToken.None).ConfigureAwait(false)).Memory;
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in await memory.KeysAsync("", CancellationToken.None).ConfigureAwait(false))
            values[key] = (await memory.GetAsync<System.Text.Json.JsonElement>(key, CancellationToken.None).ConfigureAwait(false)).GetRawText();
        return values;
    }

    private async Task StopServiceAsync()
    {
        // What stands at the point of a crash is let go once the service ends: a dead process does nothing more.
        var stop = Host.StopAsync();
        _world.Crashes.Release();
        await stop.ConfigureAwait(false);
        Host.Dispose();
        _host = null;
    }
}
