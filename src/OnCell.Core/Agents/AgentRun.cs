using System.Text.Json;
using OnCell.Agents;
using OnCell.Journaling;

namespace OnCell;

/// <summary>A run of an agent's method that was started and goes on by itself, also after a crash of the service.</summary>
public class AgentRun
{
    private readonly ICellManager _cells;

    internal AgentRun(ICellManager cells, string customer, string id)
    {
        _cells = cells;
        Customer = customer;
        Id = id;
    }

    /// <summary>Gets the customer.</summary>
    public string Customer { get; }

    /// <summary>Gets the run's id.</summary>
    public string Id { get; }

    /// <summary>Waits for the end.</summary>
    /// <param name="cancellationToken">Ends the wait, not the run.</param>
    /// <exception cref="AgentRunException">The run failed, was cancelled, or needs a person's decision.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken = default) =>
        await EndAsync(cancellationToken).ConfigureAwait(false);

    private protected async Task<RunInfo> EndAsync(CancellationToken cancellationToken)
    {
        var run = await _cells.WaitRunAsync(Customer, Id, cancellationToken).ConfigureAwait(false);
        return run.State == RunState.Completed ? run : throw new AgentRunException(Customer, run);
    }
}

/// <summary>A run with a result.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
public sealed class AgentRun<TResult> : AgentRun
{
    internal AgentRun(ICellManager cells, string customer, string id)
        : base(cells, customer, id)
    {
    }

    /// <summary>Waits for the end and returns the result.</summary>
    /// <param name="cancellationToken">Ends the wait, not the run.</param>
    /// <exception cref="AgentRunException">The run failed, was cancelled, or needs a person's decision.</exception>
    public new async Task<TResult> WaitAsync(CancellationToken cancellationToken = default)
    {
        var run = await EndAsync(cancellationToken).ConfigureAwait(false);
        return JsonSerializer.Deserialize(run.ResultJson!, AgentInput.Contract<TResult>())!;
    }
}

/// <summary>A run did not complete.</summary>
public sealed class AgentRunException(string customer, RunInfo run)
    : OnCellException(OnCellError.Failed, $"The run {run.Id} of \"{customer}\" ({run.Method}) is {run.State}: {run.Error?.Message ?? "see its steps"}")
{
    /// <summary>Gets the run.</summary>
    public RunInfo Run { get; } = run;
}
