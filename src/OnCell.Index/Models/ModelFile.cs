using System.Text.RegularExpressions;

namespace OnCell.Indexing;

/// <summary>A file of weights, pinned: whatever it comes from, it is used only with this hash and size.</summary>
/// <remarks>Not tied to search: <see cref="ModelSource"/> places any large file this way, such as a language model's weights.</remarks>
public sealed partial record ModelFile
{
    /// <summary>Pins a file.</summary>
    /// <param name="name">The file's name in <see cref="ModelSourceOptions.Folder"/>, without folders.</param>
    /// <param name="sha256">Its SHA-256, 64 hexadecimal digits.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="origins">Where it can be had, tried in this order; may be empty where it is placed by hand.</param>
    /// <exception cref="ArgumentException">The name is no plain file name, or the hash no SHA-256.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is not above 0.</exception>
    public ModelFile(string name, string sha256, long size, params IReadOnlyList<ModelOrigin> origins)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(sha256);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (!PlainName().IsMatch(name)) throw new ArgumentException($"'{name}' is not a plain file name.", nameof(name));
        if (!HexHash().IsMatch(sha256)) throw new ArgumentException($"'{sha256}' is not a SHA-256: 64 hexadecimal digits.", nameof(sha256));
        (Name, Sha256, Size, Origins) = (name, sha256.ToLowerInvariant(), size, origins);
    }

    /// <summary>Gets the file's name.</summary>
    public string Name { get; }

    /// <summary>Gets the expected SHA-256, in lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>Gets the expected size, in bytes.</summary>
    public long Size { get; }

    /// <summary>Gets where the file can be had, in the order in which they are tried.</summary>
    public IReadOnlyList<ModelOrigin> Origins { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._+@-]{0,199}\z")]
    private static partial Regex PlainName();

    [GeneratedRegex(@"\A[0-9A-Fa-f]{64}\z")]
    private static partial Regex HexHash();
}
