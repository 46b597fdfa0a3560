namespace OnCell.Sandboxes.Docker;

/// <summary>Finds what is wrong with the options; all at once.</summary>
internal static class DockerOptionsValidator
{
    /// <exception cref="ArgumentException">Something is wrong.</exception>
    internal static void Validate(DockerOptions options)
    {
        var faults = Faults(options).ToList();
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(" ", faults), nameof(options));
    }

    private static IEnumerable<string> Faults(DockerOptions options)
    {
        if (options.Endpoint.Scheme != "unix")
            yield return $"Endpoint {options.Endpoint} is not a Unix socket of this host: sandboxes are made over this host's folders.";
        if (options.Runtime.Length == 0)
            yield return "Runtime is empty.";
        if (!Path.IsPathFullyQualified(options.RuntimeRoot))
            yield return $"RuntimeRoot \"{options.RuntimeRoot}\" is not an absolute path.";
        if (options.RuntimeRoot.AsSpan().ContainsAny(",:\\\n\""))
            yield return $"RuntimeRoot \"{options.RuntimeRoot}\" has a character that mount options cannot carry.";
        (string Name, TimeSpan Value)[] limits =
        [
            (nameof(options.StartTimeout), options.StartTimeout), (nameof(options.AttachTimeout), options.AttachTimeout),
            (nameof(options.StopTimeout), options.StopTimeout), (nameof(options.CommandTimeout), options.CommandTimeout),
            (nameof(options.ImageTimeout), options.ImageTimeout),
        ];
        foreach (var (name, value) in limits)
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromHours(1))
                yield return $"{name} is {value}; it must be above 0 and at most 1 hour.";
        }

        if (options.Volumes.MinimumFreeBytes < 0)
            yield return "Volumes.MinimumFreeBytes is negative.";
    }
}
