namespace OnCell.Indexing.Tokens;

/// <summary>What a path says about the content of its file.</summary>
/// <param name="Stem">The name up to its first dot; of a file that stands for its folder, the folder's name.</param>
/// <param name="Folders">The last three folders.</param>
/// <param name="Suffixes">What lies between the first and the last dot: <c>Async</c> of <c>JsonReader.Async.cs</c>.</param>
internal readonly record struct FileName(string Stem, string Suffixes, string[] Folders)
{
    private const int MaxFolders = 3;

    /// <summary>Names by which languages let a file stand for its folder.</summary>
    private static readonly string[] StandIns = ["index", "mod", "__init__", "init", "main", "lib", "package-info"];

    /// <summary>Gets the stem without what joins words in file names, so that <c>from-json</c> equals <c>fromJson</c>.</summary>
    public string Compact => Stem.Replace("-", "", StringComparison.Ordinal);

    public static FileName Of(string path)
    {
        var parts = path.Split('/');
        var name = parts[^1];
        var dot = name.IndexOf('.', 1);
        var stem = dot < 0 ? name : name[..dot];
        var suffixes = dot < 0 ? "" : name[dot..Math.Max(dot, name.LastIndexOf('.'))];
        var folders = parts[Math.Max(0, parts.Length - 1 - MaxFolders)..^1];
        if (folders.Length > 0 && Array.IndexOf(StandIns, stem) >= 0) stem = folders[^1];
        return new FileName(stem, suffixes, folders);
    }

    /// <summary>Counts the words of the name.</summary>
    public int CountParts()
    {
        var count = 0;
        var position = 0;
        while (Identifiers.TryNext(Stem + Suffixes, ref position, out var identifier, shortest: 1))
        {
            var at = 0;
            while (Identifiers.TryNextPart(identifier, ref at, out var part)) count += part.Length > 1 ? 1 : 0;
        }

        return count;
    }
}
