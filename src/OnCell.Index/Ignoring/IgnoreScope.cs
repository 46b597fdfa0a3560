namespace OnCell.Indexing.Ignoring;

/// <summary>The ignore files that hold in one folder, nearest first.</summary>
/// <param name="Parent">What holds in the folder above.</param>
/// <param name="Files">This folder's own files, the strongest first.</param>
/// <param name="Excludes">The excludes of a repository that begins here; weaker than any ignore file.</param>
internal sealed record IgnoreScope(IgnoreScope? Parent, IgnoreFile[] Files, IgnoreFile? Excludes)
{
    /// <summary>
    /// Ignore files that would bring more rules into force are not read: each entry of a hostile tree would be matched
    /// against them all.
    /// </summary>
    public const int MaxRules = 8_000;

    /// <summary>Gets how many rules are in force.</summary>
    public int RuleCount { get; } = (Parent?.RuleCount ?? 0) + Files.Sum(f => f.Count) + (Excludes?.Count ?? 0);

    /// <summary>Tells whether an entry of this folder is ignored.</summary>
    public bool IsIgnored(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, bool isFolder)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            foreach (var file in scope.Files)
            {
                if (file.IsIgnored(path, name, isFolder) is { } ignored) return ignored;
            }
        }

        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope.Excludes?.IsIgnored(path, name, isFolder) is { } ignored) return ignored;
        }

        return false;
    }
}
