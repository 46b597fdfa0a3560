using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Images;

/// <summary>Knows which packages a source has, from lists of its own: the host's apt is neither read nor changed.</summary>
internal sealed class PackageCatalog(string folder, PackageSource source, TimeSpan maximumAge, TimeSpan timeout)
{
    /// <exception cref="SandboxException">A package is unknown (near matches are named), or the lists cannot be had.</exception>
    internal async Task RequireAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        // Several processes may share the image folder, and apt refuses to read lists that another is fetching.
        Directory.CreateDirectory(folder);
        using var _ = await FolderLock.TakeAsync(folder, timeout, cancellationToken).ConfigureAwait(false);
        await RefreshAsync(cancellationToken).ConfigureAwait(false);
        var known = await KnownAsync(packages, cancellationToken).ConfigureAwait(false);
        var unknown = packages.Where(package => !known.Contains(package)).ToList();
        if (unknown.Count == 0)
            return;
        var names = await RunAsync("apt-cache", ["pkgnames"], cancellationToken).ConfigureAwait(false);
        var all = names.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var faults = new List<string>();
        foreach (var package in unknown)
        {
            // pkgnames also lists names that others merely mention.
            var near = PackageNames.Near(package, all, count: 20);
            var real = near.Count == 0 ? [] : await KnownAsync(near, cancellationToken).ConfigureAwait(false);
            var offer = near.Where(real.Contains).Take(5).ToList();
            faults.Add(offer.Count == 0
                ? $"\"{package}\" (nothing like it)"
                : $"\"{package}\" (near: {string.Join(", ", offer)})");
        }

        throw new SandboxException($"{source.Suite} has no package {string.Join("; ", faults)}. Nothing was built.");
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var sources = Path.Combine(folder, "sources.list");
        var stamp = Path.Combine(folder, "refreshed");
        var text = string.Concat(source.Lines.Select(line => line + "\n"));
        var sameSource = File.Exists(sources) && await File.ReadAllTextAsync(sources, cancellationToken).ConfigureAwait(false) == text;
        if (sameSource && File.Exists(stamp) && DateTime.UtcNow - File.GetLastWriteTimeUtc(stamp) < maximumAge)
            return;
        foreach (var below in (string[])["state/lists/partial", "cache/archives/partial", "empty"])
            Directory.CreateDirectory(Path.Combine(folder, below));
        await File.WriteAllTextAsync(sources, text, cancellationToken).ConfigureAwait(false);
        try
        {
            await RunAsync("apt-get", ["update", "--error-on=any"], cancellationToken).ConfigureAwait(false);
        }
        catch (SandboxException) when (sameSource && File.Exists(stamp))
        {
            return; // without a network, yesterday's list still tells a typing error from a package
        }

        await File.WriteAllTextAsync(stamp, "", cancellationToken).ConfigureAwait(false);
    }

    private async Task<HashSet<string>> KnownAsync(IReadOnlyList<string> packages, CancellationToken cancellationToken)
    {
        var result = await HostCommand.RunAsync(
            "apt-cache", [.. Options(), "show", "--no-all-versions", .. packages], timeout, cancellationToken).ConfigureAwait(false);
        const string field = "Package: ";
        return [.. result.Output.Split('\n').Where(line => line.StartsWith(field, StringComparison.Ordinal)).Select(line => line[field.Length..])];
    }

    private Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        HostCommand.RunCheckedAsync(program, [.. Options(), .. arguments], timeout, cancellationToken);

    private string[] Options() =>
    [
        "-o", $"Dir::Etc::SourceList={folder}/sources.list",
        "-o", $"Dir::Etc::SourceParts={folder}/empty",
        "-o", $"Dir::State={folder}/state",
        "-o", "Dir::State::status=/dev/null",
        "-o", $"Dir::Cache={folder}/cache",
        "-o", "Acquire::Languages=none",
        "-o", "APT::Sandbox::User=root",
    ];
}
