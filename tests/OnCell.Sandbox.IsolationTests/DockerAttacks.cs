namespace OnCell.Sandbox.IsolationTests;

/// <summary>The attacks on files, from a cell of the Docker runtime.</summary>
[Collection(DockerCellPair.Collection)]
public sealed class DockerFileAttacks(DockerCellPair cells) : FileAttacks(cells);

/// <summary>The attacks on processes and the kernel, from a cell of the Docker runtime.</summary>
[Collection(DockerCellPair.Collection)]
public sealed class DockerProcessAttacks(DockerCellPair cells) : ProcessAttacks(cells);

/// <summary>The attacks on the network, from a cell of the Docker runtime.</summary>
[Collection(DockerCellPair.Collection)]
public sealed class DockerNetworkAttacks(DockerCellPair cells) : NetworkAttacks(cells);

/// <summary>The attacks by eating, from cells of the Docker runtime.</summary>
[Collection(DockerCellPair.Collection)]
public sealed class DockerResourceAttacks(DockerCellPair cells) : ResourceAttacks(cells);

/// <summary>The attempts to break out, from a cell of the Docker runtime.</summary>
[Collection(DockerCellPair.Collection)]
public sealed class DockerEscapeAttacks(DockerCellPair cells) : EscapeAttacks(cells);
