using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OnCell.Agents;
using OnCell.Hosting;
using OnCell.Journaling;
using OnCell.Registry;
using OnCell.Runs;
using OnCell.Sandboxes;

namespace OnCell.Cells;

/// <summary>The public verbs over <see cref="CellTable"/>; each waits for nothing but what it names.</summary>
internal sealed class CellManager(CellHost host, AgentCatalog agents, SecretBox secrets, TimeProvider time) : ICellManager
{
    public async Task<CellInfo> CreateAsync(
        CustomerRequest request, IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        var cells = host.Cells;
        var agent = agents.Get(request.Agent);
        CustomerRequestValidator.Validate(request, cells);
        var now = time.GetUtcNow();
        var record = new CustomerRecord
        {
            Id = request.Id,
            Agent = agent.Name,
            Config = request.Config,
            ProtectedGitCredentials = secrets.Protect(request.GitCredentials),
            State = CellState.Creating,
            Created = now,
            Changed = now,
        };
        if (!cells.Services.Registry.TryAdd(record))
            throw new OnCellException(OnCellError.Conflict, $"The customer \"{request.Id}\" exists. Delete it first, or use another id.");
        var cell = cells.Add(record, mayRunAlready: false);
        await host.InBackground(stopping => host.Creation.RunAsync(cell, progress, stopping))
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        return cell.Info;
    }

    public Task<CellInfo> GetAsync(string customer, CancellationToken cancellationToken) =>
        Task.FromResult(host.Cells.Get(customer).Info);

    public Task<IReadOnlyList<CellInfo>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CellInfo>>(
            [.. host.Cells.All.Select(c => c.Info).OrderBy(c => c.Customer, StringComparer.Ordinal)]);

    public async Task<CellInfo> PauseAsync(string customer, PauseTier tier, CancellationToken cancellationToken)
    {
        var cell = host.Cells.Get(customer);
        await cell.Queue.SettleAsync(cancellationToken).ConfigureAwait(false);
        if (cell.Queue.Busy || !await cell.TryPauseAsync(tier, cancellationToken).ConfigureAwait(false))
            throw new OnCellException(OnCellError.Conflict,
                $"The cell of \"{customer}\" is {cell.Record.State} and in use; it can be paused when its run has ended, or cancel the run.");
        return cell.Info;
    }

    public async Task<CellInfo> ResumeAsync(string customer, CancellationToken cancellationToken)
    {
        var cell = host.Cells.Get(customer);
        ThrowIfNotReady(cell);
        (await cell.AcquireAsync(cancellationToken).ConfigureAwait(false)).Dispose();
        return cell.Info;
    }

    public Task DeleteAsync(string customer, CancellationToken cancellationToken)
    {
        var cell = host.Cells.Get(customer);
        if (cell.Record.State == CellState.Creating)
            throw new OnCellException(OnCellError.Conflict, $"The cell of \"{customer}\" is being made; delete it when that has ended.");
        return host.InBackground(stopping => host.Deletion.RunAsync(cell, stopping)).WaitAsync(cancellationToken);
    }

    public Task<RunInfo> StartRunAsync(
        string customer, string method, JsonObject input, string? idempotencyKey, CancellationToken cancellationToken) =>
        StartAsync(host.Cells.Get(customer), method, input, RunIdOf(idempotencyKey), cancellationToken);

    public async Task<(RunInfo Run, IAsyncEnumerable<RunEvent> Events)> StartAndStreamRunAsync(
        string customer, string method, JsonObject input, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var cell = host.Cells.Get(customer);
        var id = RunIdOf(idempotencyKey);

        // Listened to before it starts, so that its first output is not missed.
        var live = cell.Events.Subscribe(id);
        try
        {
            var run = await StartAsync(cell, method, input, id, cancellationToken).ConfigureAwait(false);
            return (run, RunStream.ReadAsync(cell, live, 0, cancellationToken));
        }
        catch
        {
            live.Dispose();
            throw;
        }
    }

    public async Task<RunInfo> WaitRunAsync(string customer, string runId, CancellationToken cancellationToken)
    {
        await GetRunAsync(customer, runId, cancellationToken).ConfigureAwait(false);
        var journal = await host.Cells.Get(customer).GetJournalAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var e in journal.ReadEventsAsync(runId, 0, cancellationToken).ConfigureAwait(false))
        {
            // The stream ends with the run. One that waits for a person ends when the person decides, which may be never.
            if (e.Type == JournalEventTypes.StepParked) break;
        }

        return await GetRunAsync(customer, runId, cancellationToken).ConfigureAwait(false);
    }

    public async Task<RunInfo> GetRunAsync(string customer, string runId, CancellationToken cancellationToken)
    {
        var journal = await host.Cells.Get(customer).GetJournalAsync(cancellationToken).ConfigureAwait(false);
        return await journal.GetRunAsync(runId, cancellationToken).ConfigureAwait(false)
            ?? throw new OnCellException(OnCellError.NotFound, $"The customer \"{customer}\" has no run \"{runId}\".");
    }

    public async Task<IReadOnlyList<RunInfo>> ListRunsAsync(string customer, CancellationToken cancellationToken)
    {
        var journal = await host.Cells.Get(customer).GetJournalAsync(cancellationToken).ConfigureAwait(false);
        var runs = await journal.ListRunsAsync(null, cancellationToken).ConfigureAwait(false);
        return [.. runs.OrderByDescending(r => r.CreatedAt)];
    }

    public async Task<IReadOnlyList<StepInfo>> ListStepsAsync(string customer, string runId, CancellationToken cancellationToken)
    {
        await GetRunAsync(customer, runId, cancellationToken).ConfigureAwait(false);
        var journal = await host.Cells.Get(customer).GetJournalAsync(cancellationToken).ConfigureAwait(false);
        return await journal.ListStepsAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    public async Task CancelRunAsync(string customer, string runId, CancellationToken cancellationToken)
    {
        await GetRunAsync(customer, runId, cancellationToken).ConfigureAwait(false);
        var journal = await host.Cells.Get(customer).GetJournalAsync(cancellationToken).ConfigureAwait(false);
        await journal.CancelRunAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<RunEvent> StreamRunAsync(
        string customer, string runId, long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await GetRunAsync(customer, runId, cancellationToken).ConfigureAwait(false);
        var cell = host.Cells.Get(customer);
        await foreach (var e in RunStream.ReadAsync(cell, cell.Events.Subscribe(runId), afterSequence, cancellationToken).ConfigureAwait(false))
            yield return e;
    }

    public Task<IReadOnlyList<EgressEvent>> ListEgressAsync(string customer, CancellationToken cancellationToken) =>
        Task.FromResult(host.Cells.Get(customer).EgressDecisions);

    private static void ThrowIfNotReady(LiveCell cell)
    {
        if (cell.Record.State is CellState.Creating or CellState.Deleting or CellState.Failed)
            throw new OnCellException(OnCellError.Conflict,
                $"The cell of \"{cell.Id}\" cannot be used ({cell.Record.State}). {cell.Record.Reason}".TrimEnd());
    }

    private static async Task<RunInfo> StartAsync(
        LiveCell cell, string method, JsonObject input, string id, CancellationToken cancellationToken)
    {
        AgentCatalog.GetMethod(cell.Agent, method).Bind(input, null, default);
        ThrowIfNotReady(cell);
        using var place = cell.Queue.Reserve();
        var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
        var start = new RunStart(id, method, input.ToJsonString(), cell.Agent.CodeVersion);
        await (await journal.StartRunAsync(start, cancellationToken).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        var run = (await journal.GetRunAsync(id, cancellationToken).ConfigureAwait(false))!;
        if (run.IsOpen) cell.Queue.Enqueue(id);
        return run;
    }

    /// <summary>A new id, or the one that all requests with a key share; hashed, since a key may hold anything.</summary>
    private static string RunIdOf(string? idempotencyKey) => idempotencyKey is null
        ? $"{Guid.CreateVersion7():n}"
        : "k" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey)).AsSpan(0, 16));
}
