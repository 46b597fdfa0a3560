namespace OnCell.Sandboxes.Host;

/// <summary>Where control groups are: one hierarchy of all controllers (v2), or one folder for each (v1).</summary>
/// <param name="Root">The mount point.</param>
internal sealed record CgroupTree(string Root)
{
    /// <summary>Gets this host's.</summary>
    internal static CgroupTree Host { get; } = new("/sys/fs/cgroup");

    /// <summary>Gets whether it is the unified hierarchy and nothing else.</summary>
    internal bool IsUnified { get; } = File.Exists(Root + "/cgroup.controllers");

    /// <summary>Gets the controllers that are there.</summary>
    internal IReadOnlyList<string> Controllers() => IsUnified
        ? [.. File.ReadAllText(Root + "/cgroup.controllers").Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), "freezer"]
        : [.. Hierarchies().Select(folder => Path.GetFileName(folder))];

    /// <summary>Gets the root of each hierarchy.</summary>
    internal string[] Hierarchies()
    {
        if (IsUnified)
            return [Root];
        return Directory.Exists(Root) ? Directory.GetDirectories(Root) : [];
    }
}
