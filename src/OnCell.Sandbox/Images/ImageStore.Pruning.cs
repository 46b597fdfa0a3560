using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Images;

public sealed partial class ImageStore
{
    private const string Note = "image.json";

    /// <summary>Removes every image but the named ones and those under a running sandbox of this host.</summary>
    /// <param name="inUse">The digests to keep.</param>
    /// <param name="cancellationToken">Ends the work between two images.</param>
    /// <returns>The removed ones.</returns>
    public Task<IReadOnlyList<SandboxImage>> PruneAsync(IReadOnlySet<string> inUse, CancellationToken cancellationToken = default) =>
        PruneAsync(inUse, TimeSpan.Zero, cancellationToken);

    /// <summary>Removes the images that nobody has asked for lately, but the named ones and those under a running sandbox of this host.</summary>
    /// <param name="inUse">The digests to keep. They count as asked for now, so that another service with the same folder keeps them too.</param>
    /// <param name="unusedFor">How long an image was not asked for, at least; not negative.</param>
    /// <param name="cancellationToken">Ends the work between two images.</param>
    /// <returns>The removed ones.</returns>
    /// <remarks>An image that is asked for at this moment is kept, or is built anew for who asks.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public async Task<IReadOnlyList<SandboxImage>> PruneAsync(
        IReadOnlySet<string> inUse, TimeSpan unusedFor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inUse);
        ArgumentOutOfRangeException.ThrowIfLessThan(unusedFor, TimeSpan.Zero);
        var since = DateTime.UtcNow - unusedFor;
        var removed = new List<SandboxImage>();
        foreach (var image in await ListAsync(cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (inUse.Contains(image.Digest))
                _ = Take(image.Digest);
            else if (IsUnused(image.Digest, since) && await TryRemoveAsync(image.Digest, since, cancellationToken).ConfigureAwait(false))
                removed.Add(image);
        }

        return removed;
    }

    /// <summary>Finds what <see cref="PruneAsync(IReadOnlySet{string}, TimeSpan, CancellationToken)"/> would remove at this moment; removes nothing.</summary>
    /// <param name="inUse">The digests to keep.</param>
    /// <param name="unusedFor">How long an image was not asked for, at least; not negative.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public async Task<IReadOnlyList<SandboxImage>> FindUnusedAsync(
        IReadOnlySet<string> inUse, TimeSpan unusedFor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inUse);
        ArgumentOutOfRangeException.ThrowIfLessThan(unusedFor, TimeSpan.Zero);
        var since = DateTime.UtcNow - unusedFor;
        return [.. (await ListAsync(cancellationToken).ConfigureAwait(false)).Where(image => !inUse.Contains(image.Digest) && IsUnused(image.Digest, since))];
    }

    /// <summary>Finds an image for somebody who is about to use it, and notes the time.</summary>
    private SandboxImage? Take(string digest)
    {
        try
        {
            File.SetLastWriteTimeUtc(Path.Combine(_options.Folder, digest, Note), DateTime.UtcNow);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // There is none, or the folder is another user's, who then decides alone what is old.
        }

        return Find(digest);
    }

    // Who takes an image notes the time before looking whether it is there. So whoever came before it was moved aside is seen
    // here, and whoever comes after finds no image and waits for the lock to build it. What is left under the name of a build
    // should this process be killed is removed by the next build or the next time here.
    private async Task<bool> TryRemoveAsync(string digest, DateTime since, CancellationToken cancellationToken)
    {
        using var _ = await FolderLock.TakeAsync(_options.Folder, _options.BuildTimeout, cancellationToken).ConfigureAwait(false);
        var (folder, aside) = (Path.Combine(_options.Folder, digest), Path.Combine(_options.Folder, ".building-removed"));
        await Task.Run(() => RemoveFolder(aside), CancellationToken.None).ConfigureAwait(false);
        if (!Directory.Exists(folder))
            return false;
        Directory.Move(folder, aside);
        if (!IsUnused(aside, digest, since))
        {
            Directory.Move(aside, folder);
            return false;
        }

        await Task.Run(() => RemoveFolder(aside), CancellationToken.None).ConfigureAwait(false);
        return true;
    }

    private bool IsUnused(string digest, DateTime since) => IsUnused(Path.Combine(_options.Folder, digest), digest, since);

    private static bool IsUnused(string folder, string digest, DateTime since) =>
        File.GetLastWriteTimeUtc(Path.Combine(folder, Note)) <= since
        && !MountTable.Read().Any(mount => mount.Options.Contains($"/{digest}/rootfs", StringComparison.Ordinal));

    private static void RemoveFolder(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true); // removes links, follows none
    }
}
