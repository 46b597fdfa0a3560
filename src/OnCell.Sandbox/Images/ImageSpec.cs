namespace OnCell.Sandboxes.Images;

/// <summary>What a base system is made of.</summary>
public sealed record ImageSpec
{
    /// <summary>Gets the packages: the distribution's names, or common ones such as <c>nodejs</c>, <c>go</c>, <c>rust</c>.</summary>
    /// <remarks><c>ca-certificates</c> is always among them. Order and repetition do not matter.</remarks>
    public required IReadOnlyList<string> Packages { get; init; }
}

/// <summary>A step of building an image.</summary>
/// <param name="Phase"><c>check</c>, <c>wait</c>, <c>build</c>, <c>pull</c> or <c>import</c>.</param>
/// <param name="Message">One line for people.</param>
public readonly record struct ImageProgress(string Phase, string Message);

/// <summary>A base system that is ready to use, read-only and shared by sandboxes.</summary>
/// <param name="Digest">The name of its inputs.</param>
/// <param name="RootFileSystem">The host folder with its files, for <see cref="SandboxSpec.RootFileSystem"/>.</param>
/// <param name="Suite">The distribution's release, such as <c>bookworm</c>; <c>imported</c> where it was not built here.</param>
/// <param name="Packages">The packages that were asked for, by the distribution's names.</param>
public sealed record SandboxImage(string Digest, string RootFileSystem, string Suite, IReadOnlyList<string> Packages)
{
    /// <summary>Gets the variables that an imported image sets, for <see cref="SandboxSpec.Environment"/>; those of its way out are left out.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets what it was imported from: the path of a layout or an archive, or an engine's name of it.</summary>
    /// <value><see langword="null"/> where it was built of packages, or imported by an earlier release.</value>
    public string? Origin { get; init; }
}

/// <summary>An image as it lies in a store.</summary>
/// <param name="Image">The image.</param>
/// <param name="Bytes">What it takes on the disk, in bytes.</param>
/// <param name="LastUsed">When it was last asked for, by any process that shares the store's folder.</param>
public sealed record StoredImage(SandboxImage Image, long Bytes, DateTimeOffset LastUsed);
