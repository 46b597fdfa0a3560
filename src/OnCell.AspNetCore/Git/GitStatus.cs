namespace OnCell.AspNetCore.Git;

/// <summary>What <c>git status</c> and <c>git diff</c> say of a cell's repository.</summary>
internal sealed record GitStatus
{
    public string? Branch { get; init; }

    public string? Upstream { get; init; }

    public int Ahead { get; init; }

    public int Behind { get; init; }

    public IReadOnlyList<GitFile> Files { get; init; } = [];

    /// <summary>Gets the difference from the last commit, in git's own form.</summary>
    public string Diff { get; init; } = "";

    /// <summary>Gets whether there is more than is shown.</summary>
    public bool Truncated { get; init; }
}

/// <summary>A file that differs from the last commit.</summary>
/// <param name="State">git's letter: <c>M</c>, <c>A</c>, <c>D</c>, <c>R</c>, <c>C</c>, <c>T</c>, <c>U</c> (in conflict), <c>?</c> (new).</param>
/// <param name="Path">Its path in the repository.</param>
/// <param name="OldPath">Where it was before, where it was moved.</param>
internal sealed record GitFile(string State, string Path, string? OldPath);
