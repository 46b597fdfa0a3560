namespace OnCell.Client;

/// <summary>A copy of a cell's disk.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Bytes">What it takes on the host's disk, in bytes.</param>
public sealed record Snapshot(string Name, DateTimeOffset Created, long Bytes);

/// <summary>A customer whose cell begins with a copy of another's disk. It gets nothing of the other's runs, memory or credentials.</summary>
public sealed record NewFork
{
    /// <summary>Gets the id: 1 to 63 of <c>a-z</c>, <c>0-9</c> and <c>-</c>, starting with a letter or digit.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the copy to begin with, or <see langword="null"/> for the disk as it is now.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Gets the settings that the agent reads.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();
}

/// <summary>The body that asks for a copy.</summary>
internal sealed record NewSnapshot(string? Name);
