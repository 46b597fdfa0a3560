using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Images;

/// <summary>The host's own distribution as the source of packages.</summary>
internal static class HostPackageSource
{
    private const string DebianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

    private static readonly string[] Components = ["main", "universe"];

    /// <summary>Debian as it is on the internet, for hosts of other distributions.</summary>
    internal static PackageSource Debian { get; } = new("bookworm",
    [
        $"deb [signed-by={DebianKeyring}] http://deb.debian.org/debian bookworm main",
        $"deb [signed-by={DebianKeyring}] http://deb.debian.org/debian bookworm-updates main",
        $"deb [signed-by={DebianKeyring}] http://deb.debian.org/debian-security bookworm-security main",
    ]);

    /// <summary>Returns the suite that <see cref="ReadAsync"/> is about to name, unless the host's apt knows none of it; asks nobody.</summary>
    internal static string GuessSuite() => ReadCodename() ?? Debian.Suite;

    internal static async Task<PackageSource> ReadAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (ReadCodename() is not { } codename)
            return Debian;
        var targets = await HostCommand.RunCheckedAsync(
            "apt-get", ["indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages"],
            timeout, cancellationToken).ConfigureAwait(false);
        return Parse(codename, targets) ?? Debian;
    }

    /// <summary>One release of Debian, fetched from where the host gets its own and by the rules of the host's apt.</summary>
    internal static async Task<PackageSource> DebianSuiteAsync(string suite, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var host = ReadOsRelease();
        var codename = host.GetValueOrDefault("ID") == "debian" ? host.GetValueOrDefault("VERSION_CODENAME") : null;
        var mirror = "http://deb.debian.org/debian";
        var options = $"signed-by={DebianKeyring}";
        if (codename is not null)
        {
            var own = await ReadAsync(timeout, cancellationToken).ConfigureAwait(false);
            mirror = own.Lines.Select(line => line.Split(' ')).FirstOrDefault(f => f is ["deb", _, var s, ..] && s == codename)?[1] ?? mirror;
        }

        // A mirror that stands still on purpose (a snapshot) is one that the host's administrator trusts without a date.
        if (HostCommand.Find("apt-config") is not null
            && (await HostCommand.RunCheckedAsync("apt-config", ["dump", "Acquire::Check-Valid-Until"], timeout, cancellationToken).ConfigureAwait(false))
                .Contains("\"false\"", StringComparison.OrdinalIgnoreCase))
            options += " check-valid-until=no";
        return new PackageSource(suite, [$"deb [{options}] {mirror} {suite} main"]);
    }

    /// <summary>Takes the release itself, its updates and its security fixes from apt's list of index files; nobody else's.</summary>
    internal static PackageSource? Parse(string codename, string targets)
    {
        string[] suites = [codename, codename + "-updates", codename + "-security"];
        var lines = targets.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' '))
            .Where(fields => fields.Length == 3 && suites.Contains(fields[1]) && Components.Contains(fields[2]))
            .Select(fields => $"deb {fields[0]} {fields[1]} {fields[2]}")
            .Distinct().ToList();
        return lines.Any(line => line.Split(' ')[2] == codename) ? new PackageSource(codename, lines) : null;
    }

    private static string? ReadCodename()
    {
        var release = ReadOsRelease();
        return release.GetValueOrDefault("ID") is "debian" or "ubuntu"
            && release.GetValueOrDefault("VERSION_CODENAME") is { Length: > 0 } codename ? codename : null;
    }

    private static Dictionary<string, string> ReadOsRelease() =>
        (File.Exists("/etc/os-release") ? File.ReadAllLines("/etc/os-release") : [])
            .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1].Trim('"'));
}
