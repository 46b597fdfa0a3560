namespace OnCell.Sandboxes;

/// <summary>One decision of the egress proxy, or the end of a connection that it had allowed.</summary>
public sealed record EgressEvent
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

    /// <summary>Gets the bytes sent out of the sandbox.</summary>
    public long BytesOut { get; init; }

    /// <summary>Gets the bytes that came in.</summary>
    public long BytesIn { get; init; }
}
