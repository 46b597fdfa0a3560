using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using OnCell.Hosting;
using OnCell.Journaling;
using OnCell.Quotas;
using OnCell.Registry;
using OnCell.Runs;
using OnCell.Sandboxes;

namespace OnCell.Cells;

/// <summary>The public verbs over <see cref="CellTable"/>; each waits for nothing but what it names.</summary>
internal sealed partial class CellManager(CellHost host, SecretBox secrets, TimeProvider time) : ICellManager
{
    public Task<CellInfo> CreateAsync(
        CustomerRequest request, IProgress<CellProgress>? progress, CancellationToken cancellationToken) =>
        CreateAsync(request, null, null, progress, cancellationToken);

    private async Task<CellInfo> CreateAsync(
        CustomerRequest request, string? origin, string? snapshot, IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        var cells = host.Cells;
        CustomerRequestValidator.Validate(request, cells);
        var agent = cells.Services.Agents.Get(request.Environment, request.Agent);
        var quotas = request.Quotas is { IsEmpty: false } own ? own : null;
        cells.Services.Quotas.DemandStorage(request.Id, quotas, "With this cell", () => CellSize.ParseStorage(agent.ReadSpec(cells.Services.Provider).Storage));
        cells.Services.Quotas.DemandTotalStorage(cells, agent);
        var now = time.GetUtcNow();
        var record = new CustomerRecord
        {
            Id = request.Id,
            Agent = agent.Name,
            Environment = request.Environment,
            Config = request.Config,
            Quotas = quotas,
            ProtectedGitCredentials = secrets.Protect(request.GitCredentials),
            Origin = origin,
            OriginSnapshot = snapshot,
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
        if (tier == PauseTier.Checkpointed && cell.Spec.IdleTier != PauseTier.Checkpointed)
            throw new OnCellException(OnCellError.Conflict,
                $"The cell of \"{customer}\" cannot be checkpointed: set CellSpec.IdleTier of {cell.Record.Agent} to {nameof(PauseTier.Checkpointed)}.");
        await cell.Queue.SettleAsync(cancellationToken).ConfigureAwait(false);
        if (cell.Queue.Busy || !await cell.TryPauseAsync(tier, cancellationToken).ConfigureAwait(false))
            throw new OnCellException(OnCellError.Conflict,
                $"The cell of \"{customer}\" is {cell.Record.State} and in use; it can be paused when its run has ended, or cancel the run.");
        return cell.Info;
    }

    public async Task<CellInfo> ResumeAsync(string customer, CancellationToken cancellationToken)
    {
        var cell = host.Cells.Get(customer);
        cell.ThrowIfNotReady();
        (await cell.AcquireAsync(cancellationToken).ConfigureAwait(false)).Dispose();
        return cell.Info;
    }

    public Task<CellInfo> SetQuotasAsync(string customer, CustomerQuotas? quotas, CancellationToken cancellationToken)
    {
        var cell = host.Cells.Get(customer);
        if (quotas is not null) CustomerQuotasValidator.Validate(quotas);
        cell.SetQuotas(quotas is { IsEmpty: false } ? quotas : null);
        return Task.FromResult(cell.Info);
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
        RunVerbs.StartAsync(host.Cells.Get(customer), method, input, RunVerbs.IdOf(idempotencyKey), cancellationToken);

    public async Task<(RunInfo Run, IAsyncEnumerable<RunEvent> Events)> StartAndStreamRunAsync(
        string customer, string method, JsonObject input, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var cell = host.Cells.Get(customer);
        var id = RunVerbs.IdOf(idempotencyKey);

        // Listened to before it starts, so that its first output is not missed.
        var live = cell.Events.Subscribe(id);
        try
        {
            var run = await RunVerbs.StartAsync(cell, method, input, id, cancellationToken).ConfigureAwait(false);
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
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.Stopping);
        try
        {
            await foreach (var e in journal.ReadEventsAsync(runId, 0, ends.Token).ConfigureAwait(false))
            {
                // The stream ends with the run. One that waits for a person ends when the person decides, which may be never.
                if (e.Type == JournalEventTypes.StepParked
                    && await GetRunAsync(customer, runId, cancellationToken).ConfigureAwait(false) is { State: RunState.NeedsDecision })
                    break;
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OnCellException(OnCellError.Unavailable,
                $"This service is stopping; the run \"{runId}\" goes on in the next one. Ask for it there.", e);
        }

        return await GetRunAsync(customer, runId, cancellationToken).ConfigureAwait(false);
    }

    public async Task<RunInfo> GetRunAsync(string customer, string runId, CancellationToken cancellationToken)
    {
        var journal = await host.Cells.Get(customer).GetJournalAsync(cancellationToken).ConfigureAwait(false);
        return await journal.GetRunAsync(runId, cancellationToken).ConfigureAwait(false)
            ?? throw new OnCellException(OnCellError.NotFound, $"The customer \"{customer}\" has no run \"{Shown.Short(runId)}\".") { Field = "run" };
    }

    public async Task<IReadOnlyList<RunInfo>> ListRunsAsync(string customer, RunFilter? filter, CancellationToken cancellationToken)
    {
        var journal = await host.Cells.Get(customer).GetJournalAsync(cancellationToken).ConfigureAwait(false);
        return await journal.ListRunsAsync(filter, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<StepInfo>> ListStepsAsync(string customer, string runId, CancellationToken cancellationToken)
    {
        await GetRunAsync(customer, runId, cancellationToken).ConfigureAwait(false);
        var journal = await host.Cells.Get(customer).GetJournalAsync(cancellationToken).ConfigureAwait(false);
        return await journal.ListStepsAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    public async Task<string?> GetStepResultAsync(string customer, string runId, string position, CancellationToken cancellationToken)
    {
        if (!(await ListStepsAsync(customer, runId, cancellationToken).ConfigureAwait(false)).Any(s => s.Position == position))
            throw new OnCellException(OnCellError.NotFound, $"The run \"{runId}\" has no step \"{Shown.Short(position)}\".") { Field = "position" };
        var journal = await host.Cells.Get(customer).GetJournalAsync(cancellationToken).ConfigureAwait(false);
        return await journal.GetStepResultAsync(runId, position, cancellationToken).ConfigureAwait(false);
    }

    public async Task CancelRunAsync(string customer, string runId, CancellationToken cancellationToken)
    {
        await GetRunAsync(customer, runId, cancellationToken).ConfigureAwait(false);
        var journal = await host.Cells.Get(customer).GetJournalAsync(cancellationToken).ConfigureAwait(false);
        await journal.CancelRunAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    public Task<bool> SignalRunAsync(
        string customer, string runId, string name, JsonNode? payload, string? signalId, CancellationToken cancellationToken) =>
        RunVerbs.SignalAsync(host.Cells.Get(customer), runId, name, payload, signalId, cancellationToken);

    public Task DecideRunAsync(
        string customer, string runId, string position, StepDecision decision, CancellationToken cancellationToken) =>
        RunVerbs.DecideAsync(host.Cells.Get(customer), runId, position, decision, cancellationToken);

    public Task<RunInfo> ForkRunAsync(
        string customer, string runId, string beforePosition, string? idempotencyKey, CancellationToken cancellationToken) =>
        RunVerbs.ForkAsync(host.Cells.Get(customer), runId, beforePosition, RunVerbs.IdOf(idempotencyKey), cancellationToken);

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

    public async Task<CellSession> OpenSessionAsync(string customer, CancellationToken cancellationToken)
    {
        var cell = host.Cells.Get(customer);
        cell.ThrowIfNotReady();
        var lease = await cell.AcquireAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return new CellSession(lease, await cell.GetSandboxAsync(cancellationToken).ConfigureAwait(false), cell.Secrets.Redactor);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }
}
