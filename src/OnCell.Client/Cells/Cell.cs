namespace OnCell.Client;

/// <summary>Where a cell is in its life.</summary>
public enum CellState
{
    /// <summary>A state that this version of the client does not know.</summary>
    Unknown,

    /// <summary>Its image, volume and repository are being made.</summary>
    Creating,

    /// <summary>It runs.</summary>
    Active,

    /// <summary>It is being frozen or stopped.</summary>
    Pausing,

    /// <summary>It is frozen or stopped; any call wakes it.</summary>
    Paused,

    /// <summary>It is being woken.</summary>
    Waking,

    /// <summary>It is being removed.</summary>
    Deleting,

    /// <summary>It could not be made; <see cref="Cell.Reason"/> says why.</summary>
    Failed,
}

/// <summary>How deeply a cell is paused.</summary>
public enum PauseTier
{
    /// <summary>A tier that this version of the client does not know.</summary>
    Unknown,

    /// <summary>Its processors are stopped; memory and processes stay. Wakes in milliseconds.</summary>
    Frozen,

    /// <summary>Its memory lies on the disk; its processes go on when it wakes.</summary>
    Checkpointed,

    /// <summary>Its sandbox is ended; only its disk stays.</summary>
    Stopped,
}

/// <summary>A customer's cell.</summary>
public sealed record Cell
{
    /// <summary>Gets the customer's id, which is the cell's.</summary>
    public required string Customer { get; init; }

    /// <summary>Gets the name of the agent whose cell it is.</summary>
    public required string Agent { get; init; }

    /// <summary>Gets the environment whose deployed agents are the customer's.</summary>
    public string Environment { get; init; } = "production";

    /// <summary>Gets the cell's state.</summary>
    public required CellState State { get; init; }

    /// <summary>Gets how deeply it is paused, where it is.</summary>
    public PauseTier? Tier { get; init; }

    /// <summary>Gets why it failed, where it did.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the customer's own quotas, or <see langword="null"/> where all are the service's.</summary>
    public CustomerQuotas? Quotas { get; init; }

    /// <summary>Gets when the customer was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Gets when the state last changed.</summary>
    public required DateTimeOffset Changed { get; init; }

    /// <summary>Gets how long things took, in milliseconds, by name such as <c>create_ms</c> and <c>wake_ms</c>.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = new Dictionary<string, double>();
}

/// <summary>A cell and the latest decisions of its egress proxy.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Egress">The decisions, newest last.</param>
public sealed record CellDetails(Cell Cell, IReadOnlyList<EgressDecision> Egress);

/// <summary>A decision of the egress proxy, or the end of a connection that it had allowed.</summary>
public sealed record EgressDecision
{
    /// <summary>Gets when it was decided.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets whether the connection was allowed.</summary>
    public required bool Allowed { get; init; }

    /// <summary>Gets the name or address asked for.</summary>
    public required string Host { get; init; }

    /// <summary>Gets the port asked for.</summary>
    public required int Port { get; init; }

    /// <summary>Gets the rule that allowed it.</summary>
    public string? Rule { get; init; }

    /// <summary>Gets why it was denied, and the rule to add.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets whether this reports the end of an allowed connection, with its byte counts.</summary>
    public bool Closed { get; init; }

    /// <summary>Gets the bytes sent out of the cell.</summary>
    public long BytesOut { get; init; }

    /// <summary>Gets the bytes that came in.</summary>
    public long BytesIn { get; init; }
}
