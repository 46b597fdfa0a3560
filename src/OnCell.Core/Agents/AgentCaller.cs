using System.ComponentModel;
using System.Text.Json.Nodes;

namespace OnCell;

/// <summary>The agents of this service, to be called by their own methods.</summary>
/// <remarks>It trusts its caller, as <see cref="ICellManager"/> does: whether a user may act for a customer is the application's decision.</remarks>
public interface IAgents
{
    /// <summary>Addresses the agent of a customer: <c>agents.For&lt;CodingAgent&gt;("acme").TaskAsync("Add dark mode")</c>.</summary>
    /// <typeparam name="TAgent">The agent's class; it must be the customer's.</typeparam>
    /// <param name="customer">The customer.</param>
    /// <param name="idempotencyKey">A second call with the same key and input is the same run; or <see langword="null"/>.</param>
    AgentCaller<TAgent> For<TAgent>(string customer, string? idempotencyKey = null)
        where TAgent : Agent;
}

/// <summary>One customer's agent. Its methods are extensions that OnCell's source generator writes beside the agent's class.</summary>
/// <typeparam name="TAgent">The agent's class.</typeparam>
public readonly struct AgentCaller<TAgent>
    where TAgent : Agent
{
    private readonly ICellManager _cells;
    private readonly string _customer;
    private readonly string? _idempotencyKey;

    internal AgentCaller(ICellManager cells, string customer, string? idempotencyKey)
    {
        _cells = cells;
        _customer = customer;
        _idempotencyKey = idempotencyKey;
    }

    /// <summary>Starts a run. Called by generated code.</summary>
    /// <param name="method">The method's name.</param>
    /// <param name="input">The arguments.</param>
    /// <param name="cancellationToken">Ends the call, not the run.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public async Task<AgentRun> StartMethodAsync(
        string method, KeyValuePair<string, JsonNode?>[] input, CancellationToken cancellationToken)
    {
        // Another agent may have a method of the same name with another meaning.
        var cell = await _cells.GetAsync(_customer, cancellationToken).ConfigureAwait(false);
        if (cell.Agent != typeof(TAgent).Name)
            throw new OnCellException(OnCellError.Invalid, $"The customer \"{_customer}\" belongs to the agent {cell.Agent}, not to {typeof(TAgent).Name}.");
        var run = await _cells.StartRunAsync(_customer, method, new JsonObject(input), _idempotencyKey, cancellationToken).ConfigureAwait(false);
        return new AgentRun(_cells, _customer, run.Id);
    }

    /// <inheritdoc cref="StartMethodAsync"/>
    /// <typeparam name="TResult">The result's type.</typeparam>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public async Task<AgentRun<TResult>> StartMethodAsync<TResult>(
        string method, KeyValuePair<string, JsonNode?>[] input, CancellationToken cancellationToken)
    {
        var run = await StartMethodAsync(method, input, cancellationToken).ConfigureAwait(false);
        return new AgentRun<TResult>(_cells, run.Customer, run.Id);
    }
}

/// <summary>The callers by type.</summary>
internal sealed class AgentCallers(ICellManager cells) : IAgents
{
    public AgentCaller<TAgent> For<TAgent>(string customer, string? idempotencyKey)
        where TAgent : Agent => new(cells, customer, idempotencyKey);
}
