namespace OnCell.Sandboxes;

/// <summary>What happened to a file.</summary>
public enum SandboxFileChangeKind
{
    /// <summary>It was made, or moved here.</summary>
    Created,

    /// <summary>Its content or attributes were changed.</summary>
    Changed,

    /// <summary>It was removed, or moved away.</summary>
    Removed,

    /// <summary>There were more changes than could be kept: look at everything again.</summary>
    Overflow,

    /// <summary>Nothing yet: from here on every change is told.</summary>
    Watching,
}

/// <summary>A change below a watched folder.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Path">The absolute path in the sandbox; empty where no one file is meant.</param>
public readonly record struct SandboxFileChange(SandboxFileChangeKind Kind, string Path);
