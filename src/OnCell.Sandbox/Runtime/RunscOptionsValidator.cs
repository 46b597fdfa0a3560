namespace OnCell.Sandboxes.Runtime;

/// <summary>Finds what is wrong with the options; all at once.</summary>
internal static class RunscOptionsValidator
{
    /// <exception cref="ArgumentException">Something is wrong.</exception>
    internal static void Validate(RunscOptions options)
    {
        var faults = Faults(options).ToList();
        if (faults.Count > 0)
            throw new ArgumentException(string.Join(" ", faults), nameof(options));
    }

    private static IEnumerable<string> Faults(RunscOptions options)
    {
        if (!Path.IsPathFullyQualified(options.RuntimeRoot))
            yield return $"RuntimeRoot \"{options.RuntimeRoot}\" is not an absolute path.";
        if (options.RuntimeRoot.AsSpan().ContainsAny(",:\\\n\""))
            yield return $"RuntimeRoot \"{options.RuntimeRoot}\" has a character that mount options cannot carry.";
        if (options.Platform is not ("systrap" or "kvm" or "ptrace"))
            yield return $"Platform \"{options.Platform}\" is unknown: use systrap, kvm or ptrace.";
        (string Name, TimeSpan Value)[] limits =
        [
            (nameof(options.StartTimeout), options.StartTimeout), (nameof(options.AttachTimeout), options.AttachTimeout),
            (nameof(options.StopTimeout), options.StopTimeout), (nameof(options.CommandTimeout), options.CommandTimeout),
            (nameof(options.CheckpointTimeout), options.CheckpointTimeout), ($"Volumes.{nameof(VolumeOptions.CopyTimeout)}", options.Volumes.CopyTimeout),
        ];
        foreach (var (name, value) in limits)
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromHours(1))
                yield return $"{name} is {value}; it must be above 0 and at most 1 hour.";
        }

        if (options.WarmPoolSize is < 0 or > 64)
            yield return $"WarmPoolSize is {options.WarmPoolSize}; it must be 0 to 64.";
        if (options.Volumes.KeepSnapshots is < 1 or > 1000)
            yield return $"Volumes.KeepSnapshots is {options.Volumes.KeepSnapshots}; it must be 1 to 1000.";
        if (options.Volumes.MinimumFreeBytes < 0)
            yield return "Volumes.MinimumFreeBytes is negative.";
    }
}
