using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OnCell.Agents;
using OnCell.Cells;
using OnCell.Hosting;

namespace OnCell.Deployments;

/// <summary>The public verbs; one at a time, so that what was checked still holds when it is written.</summary>
internal sealed partial class DeploymentManager(CellHost host, IOptions<OnCellOptions> options, ILogger<DeploymentManager> logger) : IDeployments, IDisposable
{
    private const string NameRule = "1 to 40 of a-z, 0-9 and '-', starting with a letter or digit";

    private readonly SemaphoreSlim _deploying = new(1, 1);
    private readonly SemaphoreSlim _turn = new(1, 1);

    public DeploymentOptions Options => options.Value.Deployments;

    private CellServices Services => host.Cells.Services;

    private DeploymentTable Table => Services.Deployments;

    public void Dispose()
    {
        _deploying.Dispose();
        _turn.Dispose();
    }

    public async Task<Placement> DeployAsync(
        Stream package, string environment, string by, IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(package);
        DemandEnabled();
        DemandName(environment, nameof(environment));

        // A slow upload, or an image that is made, must not hold up a rollback: the turn is taken when all is checked.
        using var deploying = await _deploying.TakeAsync(cancellationToken).ConfigureAwait(false);
        using var incoming = new IncomingPackage(Services.Paths);
        var revision = await incoming.ReceiveAsync(package, Options.MaxPackageBytes, by, Services.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        progress?.Report(new CellProgress("package", $"{revision.Id}: {revision.Bytes >> 10} KB"));
        if (Table.Find(revision.Id) is null) revision = await CheckAsync(incoming, revision, environment, progress, cancellationToken).ConfigureAwait(false);

        using var turn = await _turn.TakeAsync(cancellationToken).ConfigureAwait(false);
        var known = Table.Find(revision.Id);
        if (known is null && revision.Agents.Count == 0)
            throw new OnCellException(OnCellError.Conflict, $"{revision.Id} was removed at this moment: deploy it again.");
        DemandPlace(environment, known ?? revision);
        if (known is not null) return Place([(environment, known)], by)[0];
        incoming.Keep(revision.Id);
        Table.Add(revision);
        var placement = Place([(environment, revision)], by)[0];
        try
        {
            await PruneAsync(revision.Package, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            DeploymentLog.NotPruned(logger, revision.Package, e); // what was asked for is done
        }

        return placement;
    }

    public async Task<IReadOnlyList<Placement>> PromoteAsync(
        string from, string to, string? package, string by, CancellationToken cancellationToken)
    {
        DemandEnabled();
        DemandName(from, nameof(from));
        DemandName(to, nameof(to));
        if (from == to) throw Invalid("\"from\" and \"to\" are the same environment.", nameof(to));
        using var turn = await _turn.TakeAsync(cancellationToken).ConfigureAwait(false);
        var moves = Table.Current.Where(p => p.Environment == from && (package is null || p.Package == package))
            .Select(p => (to, Table.Find(p.Revision)!)).ToArray();
        if (moves.Length == 0)
            throw new OnCellException(OnCellError.NotFound, $"The environment \"{from}\" has {(package is null ? "nothing" : $"no package \"{package}\"")} to promote.");
        foreach (var (_, revision) in moves) DemandPlace(to, revision);
        return Place(moves, by);
    }

    public async Task<Placement> RollbackAsync(string environment, string? package, string by, CancellationToken cancellationToken)
    {
        DemandEnabled();
        DemandName(environment, nameof(environment));
        using var turn = await _turn.TakeAsync(cancellationToken).ConfigureAwait(false);
        var current = Table.Current.Where(p => p.Environment == environment && (package is null || p.Package == package)).ToArray() switch
        {
            [var one] => one,
            [] => throw new OnCellException(OnCellError.NotFound, $"The environment \"{environment}\" has {(package is null ? "nothing" : $"no package \"{package}\"")} to roll back."),
            var several => throw Invalid($"Name the package: one of {string.Join(", ", several.Select(p => p.Package))}.", nameof(package)),
        };
        var before = Table.FindBefore(current)
            ?? throw new OnCellException(OnCellError.Conflict, $"Nothing was in {environment} before {current.Revision}.");
        var revision = Table.Find(before.Revision)
            ?? throw new OnCellException(OnCellError.Conflict, $"{before.Revision}, which was in {environment} before, is no longer kept: deploy its package again.");
        DemandPlace(environment, revision);
        var placed = Table.Place([(environment, revision, before.Previous)], by)[0];
        Moved(placed);
        return placed;
    }

    public Task<IReadOnlyList<Revision>> ListRevisionsAsync(CancellationToken cancellationToken)
    {
        DemandEnabled();
        return Task.FromResult<IReadOnlyList<Revision>>([.. Table.Revisions.OrderByDescending(r => r.Created).ThenBy(r => r.Id, StringComparer.Ordinal)]);
    }

    public Task<IReadOnlyList<Placement>> ListPlacementsAsync(CancellationToken cancellationToken)
    {
        DemandEnabled();
        return Task.FromResult(Table.Current);
    }

    public async Task DeleteRevisionAsync(string revision, CancellationToken cancellationToken)
    {
        DemandEnabled();
        using var turn = await _turn.TakeAsync(cancellationToken).ConfigureAwait(false);
        if (Table.Find(revision) is null) throw new OnCellException(OnCellError.NotFound, $"There is no revision \"{revision}\".");
        if (Table.Current.FirstOrDefault(p => p.Revision == revision) is { } placement)
            throw new OnCellException(OnCellError.Conflict, $"The environment \"{placement.Environment}\" points to {revision}.");
        if (await TryRemoveAsync(revision, cancellationToken).ConfigureAwait(false) is { } run)
            throw new OnCellException(OnCellError.Conflict, $"{run} needs {revision}.");
    }

    /// <summary>A customer's id, an environment: what people type and paths may hold.</summary>
    public static void DemandName(string environment, string field)
    {
        if (!NamePattern().IsMatch(environment)) throw Invalid($"\"{field}\" is no environment: use {NameRule}.", field);
    }

    private void DemandEnabled()
    {
        if (!Options.Enabled)
            throw new OnCellException(OnCellError.Forbidden,
                "Deploying is off in this service. Its operator can set OnCell:Deployments:Enabled to true; deployed agents run with all the service's rights.");
    }

    /// <exception cref="OnCellException">An agent's name is taken there, or customers there have an agent that would be gone.</exception>
    private void DemandPlace(string environment, Revision revision)
    {
        Services.Agents.DemandFree(environment, revision);
        if (Table.Find(environment, revision.Package) is not { } placed) return;
        var gone = Table.Find(placed.Revision)!.Agents.Select(a => a.Name).Except(revision.Agents.Select(a => a.Name)).ToHashSet(StringComparer.Ordinal);
        if (host.Cells.All.FirstOrDefault(c => c.Record.Environment == environment && gone.Contains(c.Record.Agent)) is { } cell)
            throw new OnCellException(OnCellError.Conflict,
                $"The customer \"{cell.Id}\" of {environment} has the agent {cell.Record.Agent}, which {revision.Id} has not: keep the class, or delete the customer first.");
    }

    private async Task<Revision> CheckAsync(
        IncomingPackage incoming, Revision revision, string environment, IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        var agents = incoming.Load(revision.Package, revision.Id, Services.Provider);
        var whole = revision with { Agents = [.. agents.Select(a => new RevisionAgent(a.Name, a.Methods))] };
        DemandPlace(environment, whole);
        foreach (var agent in agents)
        {
            progress?.Report(new CellProgress("agent", $"{agent.Name}: {string.Join(", ", agent.Methods)}"));
            await PrepareAsync(agent, progress, cancellationToken).ConfigureAwait(false);
        }

        return whole;
    }

    private async Task PrepareAsync(CheckedAgent agent, IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await Services.Sandboxes.PrepareAsync(agent.Name, agent.Cell, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new OnCellException(OnCellError.Invalid, $"The cells of {agent.Name} cannot be made by this service: {e.Message}", e) { Field = "package" };
        }
    }

    private IReadOnlyList<Placement> Place(IReadOnlyList<(string Environment, Revision Revision)> moves, string by)
    {
        // What is there already is not put there again: a rollback leads to what was there before.
        var changes = moves.Where(m => Table.Find(m.Environment, m.Revision.Package)?.Revision != m.Revision.Id)
            .Select(m => (m.Environment, m.Revision, Table.Find(m.Environment, m.Revision.Package)?.Sequence)).ToArray();
        foreach (var placed in Table.Place(changes, by)) Moved(placed);
        return [.. moves.Select(m => Table.Find(m.Environment, m.Revision.Package)!)];
    }

    private void Moved(Placement placement)
    {
        DeploymentLog.Placed(logger, placement.Environment, placement.Revision, placement.By);
        Services.Revisions.Trim();
    }

    /// <summary>Removes the oldest revisions that nothing points to, leads back to, or runs.</summary>
    private async Task PruneAsync(string package, CancellationToken cancellationToken)
    {
        var needed = Table.Current.SelectMany(p => new[] { p.Revision, Table.FindBefore(p)?.Revision }).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var old = Table.Revisions.Where(r => r.Package == package).OrderByDescending(r => r.Created).Skip(Options.KeepRevisions)
            .Where(r => !needed.Contains(r.Id)).ToArray();
        foreach (var revision in old) await TryRemoveAsync(revision.Id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a revision that nothing points to and no run needs.</summary>
    /// <returns>What needs it, where something does and it stays.</returns>
    private async Task<string?> TryRemoveAsync(string revision, CancellationToken cancellationToken)
    {
        // A run that begins with it holds it until it is in the journal, where it is found.
        var retired = Services.Revisions.TryRetire(revision);
        try
        {
            if (await FindOpenRunAsync(revision, cancellationToken).ConfigureAwait(false) is { } run) return $"The run {run} has not ended and";
            if (!retired) return "A run that begins at this moment";
            Table.Remove(revision);
        }
        finally
        {
            if (retired) Services.Revisions.EndRetirement(revision);
        }

        Services.Revisions.Trim();
        Directory.Delete(Services.Paths.Revision(revision), recursive: true);
        DeploymentLog.Removed(logger, revision);
        return null;
    }

    /// <summary>Finds a run that will be taken up with the code of a revision. Cells that are going, or gone, take up none.</summary>
    private async Task<string?> FindOpenRunAsync(string revision, CancellationToken cancellationToken)
    {
        foreach (var cell in host.Cells.All.Where(c => c.Record.State is not (CellState.Deleting or CellState.Failed) && Services.Registry.Find(c.Id) is { Busy: true }))
        {
            var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
            var open = await journal.ListRunsAsync(Journaling.RunFilter.Open, cancellationToken).ConfigureAwait(false);
            if (open.FirstOrDefault(r => AgentDescriptor.RevisionOf(r.CodeVersion) == revision) is { } run) return $"{run.Id} of \"{cell.Id}\"";
        }

        return null;
    }

    private static OnCellException Invalid(string message, string field) => new(OnCellError.Invalid, message) { Field = field };

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,39}\z")]
    private static partial Regex NamePattern();
}

internal static partial class DeploymentLog
{
    [LoggerMessage(1700, LogLevel.Information, "{Environment} points to {Revision} now, by {By}")]
    public static partial void Placed(ILogger logger, string environment, string revision, string by);

    [LoggerMessage(1701, LogLevel.Information, "The revision {Revision} is removed")]
    public static partial void Removed(ILogger logger, string revision);

    [LoggerMessage(1702, LogLevel.Warning, "Old revisions of {Package} could not be removed; the next deployment tries again")]
    public static partial void NotPruned(ILogger logger, string package, Exception error);
}
