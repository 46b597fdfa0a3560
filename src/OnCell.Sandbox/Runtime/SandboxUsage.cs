namespace OnCell.Sandboxes;

/// <summary>What a sandbox uses of the host.</summary>
/// <param name="Cpu">The processor time since it was started.</param>
/// <param name="MemoryBytes">The memory that it and its page cache take.</param>
/// <param name="DiskBytes">What its volume takes on the host's disk.</param>
public sealed record SandboxUsage(TimeSpan Cpu, long MemoryBytes, long DiskBytes);
