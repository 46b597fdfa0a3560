using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OnCell.Access;
using OnCell.Agents;
using OnCell.Cells;
using OnCell.Deployments;
using OnCell.Images;
using OnCell.Journaling;
using OnCell.Models;
using OnCell.Quotas;
using OnCell.Registry;
using OnCell.Sandboxes;
using OnCell.Secrets;
using OnCell.Usage;
using OnCell.Webhooks;

namespace OnCell.Hosting;

/// <summary>Owns the data root while this process is its one owner: takes the lock, recovers, pauses idle cells, lets go.</summary>
internal sealed class CellHost(
    IOptions<OnCellOptions> options, CellPaths paths, IServiceProvider provider, AgentCatalog agents,
    TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    private static readonly TimeSpan StandbyPeriod = TimeSpan.FromMilliseconds(500);

    private readonly ILogger _logger = loggers.CreateLogger("OnCell.Host");
    private readonly ConcurrentDictionary<Task, bool> _background = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile string _state = "starting";
    private bool _disposed;
    private CellTable? _cells;
    private CellCreation? _creation;
    private CellDeletion? _deletion;

    /// <summary>Gets the cells.</summary>
    /// <exception cref="OnCellException">This process does not own the data root.</exception>
    public CellTable Cells => _cells
        ?? throw new OnCellException(OnCellError.Unavailable, $"This service is {_state}. Try again in a moment.");

    public CellCreation Creation => _creation!;

    public CellDeletion Deletion => _deletion!;

    /// <summary>Gets whether this process owns the data root, and if not, why.</summary>
    public (bool Ready, string State) Status => (_cells is not null, _state);

    /// <summary>Gets a token that is cancelled when the service stops.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Runs something that must not end with the request that asked for it; it ends with the service.</summary>
    public Task InBackground(Func<CancellationToken, Task> work)
    {
        var task = Task.Run(() => work(_stopping.Token));
        _background[task] = true;
        _ = task.ContinueWith(t => _background.TryRemove(t, out _), TaskScheduler.Default);
        return task;
    }

    /// <summary>What cannot become right ends the start itself, so that its reason is the last thing said.</summary>
    public override Task StartAsync(CancellationToken cancellationToken) =>
        !Environment.IsPrivilegedProcess && provider.GetRequiredService<ICellSandboxes>().NeedsRoot
            ? throw new OnCellException(OnCellError.Failed,
                "OnCell needs root: it mounts volumes and makes control groups. Run the service as root, for example by sudo.")
            : base.StartAsync(cancellationToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _state = "stopping";
        await _stopping.CancelAsync().ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    public override void Dispose()
    {
        if (_disposed) return; // the provider knows it under two types
        _disposed = true;
        _stopping.Cancel(); // a host may be disposed without having been stopped
        base.Dispose();
        _stopping.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            Directory.CreateDirectory(paths.DataRoot, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            using var ownership = await TakeOwnershipAsync(stoppingToken).ConfigureAwait(false);
            await using var cells = new CellTable(CreateServices());
            var creation = new CellCreation(cells.Services);
            var deletion = new CellDeletion(cells);
            _state = "recovering";
            var recovery = new CellRecovery(cells, creation, deletion);
            var recovering = await recovery.RunAsync(ownership.Epoch, _stopping.Token).ConfigureAwait(false);
            (_creation, _deletion, _cells) = (creation, deletion, cells);
            _state = "ready";
            _ = InBackground(ReportHostAsync);
            _ = InBackground(WarmAsync);
            if (cells.Services.Sandboxes.UsesImages) _ = InBackground(Upkeep().RunAsync);
            _ = InBackground(cells.Services.WebhookSender.RunAsync);
            _ = InBackground(new UsageSampler(cells, cells.Services.Quotas).RunAsync);
            await new IdlePauser(cells).RunAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _cells = null;
            await Task.WhenAll(_background.Keys.Append(recovering)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped while it stood by or recovered.
        }
        catch (Exception e)
        {
            _state = $"not able to start: {e.Message}";
            CellLog.StartFailed(_logger, e);
            throw;
        }
    }

    private async Task<DataRootLock> TakeOwnershipAsync(CancellationToken stopping)
    {
        for (var told = false; ; told = true)
        {
            if (DataRootLock.TryTake(paths.DataRoot) is { } ownership) return ownership;
            if (!told) CellLog.StandingBy(_logger, paths.DataRoot);
            _state = "standing by: another process owns the data root";
            await Task.Delay(StandbyPeriod, time, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Says at every start what the host lacks: the first failing cell should not be the first to tell.</summary>
    private async Task ReportHostAsync(CancellationToken stopping)
    {
        var report = await provider.GetRequiredService<ISandboxRuntime>().ProbeAsync(stopping).ConfigureAwait(false);
        foreach (var requirement in report.Requirements.Where(r => !r.Ok))
            CellLog.HostLacks(_logger, requirement.Name, requirement.Found, requirement.Fix);
    }

    /// <summary>Boots sandboxes ahead for the cells that there are, so that the first wake is as soon as any later one.</summary>
    private async Task WarmAsync(CancellationToken stopping)
    {
        foreach (var kind in Cells.All.DistinctBy(cell => (cell.Record.Environment, cell.Record.Agent)).ToArray())
        {
            try
            {
                await provider.GetRequiredService<ICellSandboxes>().WarmAsync(kind.Spec, stopping).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                CellLog.NotWarmed(_logger, kind.Record.Agent, e); // the start of a cell says what is missing, too
            }
        }
    }

    private ImageUpkeep Upkeep() =>
        new(provider.GetRequiredService<IImages>(), options.Value.KeepImages, time, loggers.CreateLogger<ImageUpkeep>());

    private CellServices CreateServices()
    {
        var database = RegistryDatabase.Open(paths.Registry);
        var usage = new UsageTable(database, time);
        var deployments = new DeploymentTable(database, time);
        var revisions = new RevisionLoader(paths, deployments);
        IncomingPackage.RemoveStrays(paths, deployments);
        var webhooks = new WebhookTable(database, provider.GetRequiredService<SecretBox>(), time);
        return new CellServices(
            options.Value,
            paths,
            new AgentDirectory(agents, deployments, revisions),
            deployments,
            revisions,
            database,
            new CustomerRegistry(database, time),
            new ApiKeyTable(database, time),
            new SecretStore(database, provider.GetRequiredService<SecretBox>(), time),
            usage,
            new QuotaWatch(options.Value.Quotas, usage, time),
            webhooks,
            new WebhookSender(webhooks, options.Value.Webhooks, time, loggers.CreateLogger("OnCell.Webhooks")),
            provider.GetRequiredService<ISandboxRuntime>(),
            provider.GetRequiredService<ICellSandboxes>(),
            provider.GetRequiredService<ModelRouter>(),
            provider,
            loggers,
            time)
        {
            Journal = provider.GetService<JournalOptions>(),
        };
    }
}
