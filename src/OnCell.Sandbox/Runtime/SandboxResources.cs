namespace OnCell.Sandboxes;

/// <summary>The caps of one sandbox, enforced by cgroups and by the size of its volume.</summary>
public sealed record SandboxResources
{
    /// <summary>Gets the number of processors.</summary>
    /// <value>The default is 2. Fractions are allowed; at least 0.1.</value>
    public double Cpus { get; init; } = 2;

    /// <summary>Gets the memory cap in bytes.</summary>
    /// <value>The default is 4 GiB; at least 128 MiB, which gVisor itself needs.</value>
    public long MemoryBytes { get; init; } = 4L << 30;

    /// <summary>Gets the largest number of host tasks of the sandbox, its gVisor kernel included.</summary>
    /// <value>The default is 4096.</value>
    public int Pids { get; init; } = 4096;

    /// <summary>Gets the size of the volume in bytes: all that the sandbox can ever write.</summary>
    /// <value>The default is 10 GB; at least 64 MiB.</value>
    public long StorageBytes { get; init; } = 10_000_000_000;
}
