namespace OnCell.Journaling;

/// <summary>Names a file that a step has kept beside the journal.</summary>
/// <param name="Sha256">The SHA-256 of the content, in lower-case hexadecimal: also the file's name.</param>
/// <param name="Length">The length in bytes.</param>
public sealed record KeptFile(string Sha256, long Length);
