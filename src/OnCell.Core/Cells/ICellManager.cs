using System.Text.Json.Nodes;
using OnCell.Journaling;

namespace OnCell;

/// <summary>Makes, finds, runs, pauses and removes the cells of this service's customers.</summary>
/// <remarks>
/// It trusts its caller: whether a user may act for a customer is the host application's decision. Every method throws
/// <see cref="OnCellException"/> with <see cref="OnCellError.Unavailable"/> while another process owns the data root.
/// </remarks>
public interface ICellManager
{
    /// <summary>Makes a customer's cell and runs the agent's <see cref="Agent.SetupAsync"/> in it.</summary>
    /// <param name="request">The customer.</param>
    /// <param name="progress">Is told what is being done.</param>
    /// <param name="cancellationToken">Ends the wait; the cell is made all the same, also after a crash of the service.</param>
    /// <exception cref="OnCellException">The request is wrong, the customer exists, or making the cell failed.</exception>
    Task<CellInfo> CreateAsync(CustomerRequest request, IProgress<CellProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Gets a customer's cell.</summary>
    /// <exception cref="OnCellException">There is no such customer.</exception>
    Task<CellInfo> GetAsync(string customer, CancellationToken cancellationToken);

    /// <summary>Lists all cells by customer id.</summary>
    Task<IReadOnlyList<CellInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Pauses an idle cell. Any later call wakes it.</summary>
    /// <exception cref="OnCellException">There is no such customer, or a run or command is under way.</exception>
    Task<CellInfo> PauseAsync(string customer, PauseTier tier, CancellationToken cancellationToken);

    /// <summary>Wakes a cell.</summary>
    Task<CellInfo> ResumeAsync(string customer, CancellationToken cancellationToken);

    /// <summary>Gives a customer quotas of its own, in the place of all that it had. They hold at once: what was refused is taken, or the other way round.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="quotas">The quotas; what is <see langword="null"/> in them, or all of it, is as the service's (<see cref="OnCellOptions.Quotas"/>).</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <remarks>A run that a quota refused in its midst has failed: fork it before the step that was refused (<see cref="ForkRunAsync"/>).</remarks>
    /// <exception cref="OnCellException">There is no such customer, or a quota cannot be.</exception>
    Task<CellInfo> SetQuotasAsync(string customer, CustomerQuotas? quotas, CancellationToken cancellationToken);

    /// <summary>Copies a cell's disk as it is at this moment, to go back to or to begin other cells with.</summary>
    /// <param name="customer">The customer; the cell may run, its writes wait meanwhile.</param>
    /// <param name="name">1 to 63 of <c>a-z</c>, <c>0-9</c> and <c>-</c>; or <see langword="null"/> for the time.</param>
    /// <param name="cancellationToken">Ends the copying; nothing is kept then.</param>
    /// <remarks>Files only: processes, runs and memory are not in it. Beyond <see cref="OnCellOptions.KeepSnapshots"/> the oldest are removed.</remarks>
    /// <exception cref="OnCellException">There is no such customer, the name is none or taken, or the host's disk is too full.</exception>
    Task<Sandboxes.SandboxSnapshot> CreateSnapshotAsync(string customer, string? name, CancellationToken cancellationToken);

    /// <summary>Lists a cell's snapshots, oldest first.</summary>
    Task<IReadOnlyList<Sandboxes.SandboxSnapshot>> ListSnapshotsAsync(string customer, CancellationToken cancellationToken);

    /// <summary>Puts a snapshot in the place of a cell's disk. The cell is stopped, and what was written since is lost.</summary>
    /// <exception cref="OnCellException">There is no such customer or snapshot, or a run or command is under way.</exception>
    Task<CellInfo> RestoreSnapshotAsync(string customer, string name, CancellationToken cancellationToken);

    /// <summary>Removes a snapshot.</summary>
    /// <exception cref="OnCellException">There is no such customer or snapshot.</exception>
    Task DeleteSnapshotAsync(string customer, string name, CancellationToken cancellationToken);

    /// <summary>Makes a new customer whose cell begins with a copy of another's disk instead of the agent's setup.</summary>
    /// <param name="customer">The customer whose cell is copied; it may run.</param>
    /// <param name="request">The new customer; without an agent it has the other's. It gets nothing of the other's runs, memory or credentials.</param>
    /// <param name="snapshot">The snapshot that is copied, or <see langword="null"/> for the disk as it is now.</param>
    /// <param name="progress">Is told what is being done.</param>
    /// <param name="cancellationToken">Ends the wait; the cell is made all the same, also after a crash of the service.</param>
    /// <exception cref="OnCellException">The request is wrong, the customer exists, or making the cell failed.</exception>
    Task<CellInfo> ForkAsync(
        string customer, CustomerRequest request, string? snapshot, IProgress<CellProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Ends a customer's runs and removes the cell with all its data. Safe to repeat.</summary>
    Task DeleteAsync(string customer, CancellationToken cancellationToken);

    /// <summary>Starts a run of an agent's method. It is durable when this returns, and goes on after a crash by itself.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="method">The method's name, such as <c>task</c>.</param>
    /// <param name="input">The arguments by name.</param>
    /// <param name="idempotencyKey">A second start with the same key is the same run; or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the call, not the run.</param>
    Task<RunInfo> StartRunAsync(
        string customer, string method, JsonObject input, string? idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Starts a run as <see cref="StartRunAsync"/> does, and streams all its events: none is missed.</summary>
    /// <returns>The run and its events, to be enumerated once.</returns>
    Task<(RunInfo Run, IAsyncEnumerable<RunEvent> Events)> StartAndStreamRunAsync(
        string customer, string method, JsonObject input, string? idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Waits for a run to end, or to need a person's decision.</summary>
    Task<RunInfo> WaitRunAsync(string customer, string runId, CancellationToken cancellationToken);

    /// <summary>Gets a run.</summary>
    /// <exception cref="OnCellException">There is no such customer or run.</exception>
    Task<RunInfo> GetRunAsync(string customer, string runId, CancellationToken cancellationToken);

    /// <summary>Lists a customer's runs, newest first.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="filter">Which ones; or <see langword="null"/> for the newest 1,000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<RunInfo>> ListRunsAsync(string customer, RunFilter? filter, CancellationToken cancellationToken);

    /// <summary>Lists a run's steps in order.</summary>
    Task<IReadOnlyList<StepInfo>> ListStepsAsync(string customer, string runId, CancellationToken cancellationToken);

    /// <summary>Gets what a step ended with, as JSON.</summary>
    /// <returns><see langword="null"/> where it has not ended with a result, or the result is too large to be shown.</returns>
    /// <exception cref="OnCellException">There is no such customer, run or step.</exception>
    Task<string?> GetStepResultAsync(string customer, string runId, string position, CancellationToken cancellationToken);

    /// <summary>Asks a run to end; it ends at its next step.</summary>
    Task CancelRunAsync(string customer, string runId, CancellationToken cancellationToken);

    /// <summary>Sends a signal to a run that waits for one, or will: <see cref="CellContext.WaitForSignalAsync{T}"/>.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="runId">The run.</param>
    /// <param name="name">The signal's name, 1 to 200 characters.</param>
    /// <param name="payload">The payload; may be <see langword="null"/>.</param>
    /// <param name="signalId">An id that makes a repeated call harmless, or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether it was sent; <see langword="false"/> where a signal of this id was sent before.</returns>
    /// <exception cref="OnCellException">There is no such run, or it has ended.</exception>
    Task<bool> SignalRunAsync(
        string customer, string runId, string name, JsonNode? payload, string? signalId, CancellationToken cancellationToken);

    /// <summary>Decides about a step that waits for a person, because nobody knows whether it took place.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="runId">The run.</param>
    /// <param name="position">The step's position, as <see cref="ListStepsAsync"/> shows it.</param>
    /// <param name="decision">What was decided.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="OnCellException">There is no such run, or the step does not wait for a decision.</exception>
    Task DecideRunAsync(
        string customer, string runId, string position, StepDecision decision, CancellationToken cancellationToken);

    /// <summary>Starts a run that shares another's finished steps up to one, and does everything from there on anew.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="runId">The run to fork, ended or not; it is not touched.</param>
    /// <param name="beforePosition">The position of the first step that is done anew.</param>
    /// <param name="idempotencyKey">A second call with the same key is the same fork; or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the call, not the run.</param>
    /// <remarks>Neither the cell's files nor its memory are turned back.</remarks>
    /// <exception cref="OnCellException">There is no such run or step, or too many runs wait.</exception>
    Task<RunInfo> ForkRunAsync(
        string customer, string runId, string beforePosition, string? idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Streams a run's events: those stored after a sequence number, then live ones, until the run ends.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="runId">The run.</param>
    /// <param name="afterSequence">The sequence number after which to begin; 0 for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<RunEvent> StreamRunAsync(
        string customer, string runId, long afterSequence, CancellationToken cancellationToken);

    /// <summary>Gets the latest decisions of a cell's egress proxy, at most 100, newest last.</summary>
    Task<IReadOnlyList<Sandboxes.EgressEvent>> ListEgressAsync(string customer, CancellationToken cancellationToken);

    /// <summary>Wakes a cell and keeps it awake while the session is held: a terminal, a look at its files.</summary>
    /// <exception cref="OnCellException">There is no such customer, or its cell cannot be used.</exception>
    Task<CellSession> OpenSessionAsync(string customer, CancellationToken cancellationToken);
}
