using OnCell.Sandboxes;

namespace OnCell;

/// <summary>What is known of a customer's cell.</summary>
public sealed record CellInfo
{
    /// <summary>Gets the customer's id, which is the cell's.</summary>
    public required string Customer { get; init; }

    /// <summary>Gets the name of the agent whose cell it is.</summary>
    public required string Agent { get; init; }

    /// <summary>Gets the environment whose deployed agents are the customer's.</summary>
    public string Environment { get; init; } = Placement.Production;

    /// <summary>Gets the cell's state.</summary>
    public required CellState State { get; init; }

    /// <summary>Gets how deeply it is paused, where it is.</summary>
    public PauseTier? Tier { get; init; }

    /// <summary>Gets why it failed, where it did.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the customer's own quotas; <see langword="null"/> where all are the service's.</summary>
    public CustomerQuotas? Quotas { get; init; }

    /// <summary>Gets when the customer was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Gets when the state last changed.</summary>
    public required DateTimeOffset Changed { get; init; }

    /// <summary>Gets how long things took, in milliseconds: <c>create_ms</c>, <c>wake_ms</c>, <c>exec_ms</c> and others.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = new Dictionary<string, double>();
}

/// <summary>A step of making or waking a cell, for people who wait.</summary>
/// <param name="Phase">What is being done: <c>image</c>, <c>sandbox</c>, <c>setup</c>, <c>clone</c>, <c>index</c>.</param>
/// <param name="Message">A line to show.</param>
/// <param name="Done">How much is done, where it can be counted.</param>
/// <param name="Total">How much there is, where it can be counted.</param>
public sealed record CellProgress(string Phase, string Message, long? Done = null, long? Total = null);

/// <summary>A new customer.</summary>
public sealed record CustomerRequest
{
    /// <summary>Gets the id: 1 to 63 of <c>a-z</c>, <c>0-9</c> and <c>-</c>, starting with a letter or digit.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the agent's class name; may be absent where only one is registered.</summary>
    public string? Agent { get; init; }

    /// <summary>Gets the environment whose deployed agents are the customer's. Agents that are compiled in are in all.</summary>
    /// <value>The default is <see cref="Placement.Production"/>.</value>
    public string Environment { get; init; } = Placement.Production;

    /// <summary>Gets the settings that the agent reads as <see cref="CellContext.Config"/>.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the git credentials of this customer's repositories. They stay on the host.</summary>
    public IReadOnlyList<GitCredentialBinding> GitCredentials { get; init; } = [];

    /// <summary>Gets the customer's own quotas; a fork without any has those of the customer that it is a copy of.</summary>
    /// <value>The default is <see langword="null"/>: the service's (<see cref="OnCellOptions.Quotas"/>).</value>
    public CustomerQuotas? Quotas { get; init; }
}
