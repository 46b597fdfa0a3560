using OnCell.Guest.Protocol;

namespace OnCell.Guest.Exec;

/// <summary>What is on disk about a key.</summary>
/// <param name="Fingerprint">What the command was.</param>
/// <param name="Capacity">How much of each output is kept.</param>
/// <param name="End">How it ended; <see langword="null"/> where it began and nothing tells of its end.</param>
internal sealed record ExecRecord(byte[] Fingerprint, int Capacity, ExecEnd? End);

/// <summary>The end of a keyed command as it is kept.</summary>
internal sealed record ExecEnd(ExecExit Exit, long StdoutTotal, long StderrTotal);
