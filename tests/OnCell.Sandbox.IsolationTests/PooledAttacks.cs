namespace OnCell.Sandbox.IsolationTests;

/// <summary>The attacks on files, from a cell in a pooled sandbox.</summary>
[Collection(PooledCellPair.Collection)]
public sealed class PooledFileAttacks(PooledCellPair cells) : FileAttacks(cells);

/// <summary>The attacks on processes and the kernel, from a cell in a pooled sandbox.</summary>
[Collection(PooledCellPair.Collection)]
public sealed class PooledProcessAttacks(PooledCellPair cells) : ProcessAttacks(cells);

/// <summary>The attacks on the network, from a cell in a pooled sandbox.</summary>
[Collection(PooledCellPair.Collection)]
public sealed class PooledNetworkAttacks(PooledCellPair cells) : NetworkAttacks(cells);

/// <summary>The attacks by eating, from cells in pooled sandboxes.</summary>
[Collection(PooledCellPair.Collection)]
public sealed class PooledResourceAttacks(PooledCellPair cells) : ResourceAttacks(cells);

/// <summary>The attempts to break out, from a cell in a pooled sandbox.</summary>
[Collection(PooledCellPair.Collection)]
public sealed class PooledEscapeAttacks(PooledCellPair cells) : EscapeAttacks(cells);
