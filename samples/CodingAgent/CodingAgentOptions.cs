using OnCell;

namespace CodingSample;

/// <summary>What a deployment decides about its coding agent: the section <c>CodingAgent</c> of the configuration.</summary>
public sealed class CodingAgentOptions
{
    /// <summary>Gets or sets processors and memory of each cell.</summary>
    public string Compute { get; set; } = "2cpu-2gb";

    /// <summary>Gets or sets the disk of each cell.</summary>
    public string Storage { get; set; } = "2gb";

    /// <summary>Gets or sets the Debian packages in each cell.</summary>
    public IList<string> Packages { get; } = [];

    /// <summary>Gets what a cell may reach: names, with a port where it is not 443.</summary>
    public IList<string> Allow { get; } = [];

    /// <summary>Gets or sets how many changes are tried before the task fails.</summary>
    /// <value>The default is 3.</value>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>Gets or sets how long one run of the project's tests may take.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan TestTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets what the cells are made of.</summary>
    public CellSpec ToCell() => new()
    {
        Compute = Compute,
        Storage = Storage,
        Packages = [.. Packages],
        Network = new() { Allow = [.. Allow] },
    };
}
