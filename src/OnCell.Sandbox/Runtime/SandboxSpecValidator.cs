using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>Finds what is wrong with a spec before anything is made of it; all at once.</summary>
internal static class SandboxSpecValidator
{
    private const long MinimumMemory = 128L << 20;
    private const double MinimumCpus = 0.1;
    private const int MinimumPids = 64;

    private static readonly string[] ReservedFolders = ["oncell", "run", "proc", "sys", "dev", "work", "tmp", "var"];

    /// <exception cref="SandboxException">Something is wrong.</exception>
    internal static void Validate(SandboxSpec spec)
    {
        var faults = Faults(spec).ToList();
        if (faults.Count > 0)
            throw new SandboxException($"Sandbox {spec.Id} cannot be started: {string.Join(" ", faults)}");
    }

    private static IEnumerable<string> Faults(SandboxSpec spec)
    {
        if (!SandboxId.IsValid(spec.Id.Value))
            yield return "It has no id.";
        if (!Path.IsPathFullyQualified(spec.Folder))
            yield return $"Its folder \"{spec.Folder}\" is not an absolute path.";
        if (!Path.IsPathFullyQualified(spec.RootFileSystem) || !Directory.Exists(spec.RootFileSystem))
            yield return $"Its root file system \"{spec.RootFileSystem}\" is not an existing folder with an absolute path; build one with ImageStore.";
        foreach (var path in (string[])[spec.Folder, spec.RootFileSystem])
        {
            if (path.AsSpan().ContainsAny(",:\\\n\""))
                yield return $"The path \"{path}\" has a character that mount options cannot carry (one of , : \\ \" or a line break).";
        }

        var resources = spec.Resources;
        if (!(resources.Cpus >= MinimumCpus && resources.Cpus <= 1024))
            yield return $"{resources.Cpus} processors were asked for; {MinimumCpus} to 1024 are possible.";
        if (resources.MemoryBytes < MinimumMemory)
            yield return $"{resources.MemoryBytes >> 20} MiB of memory are too little: gVisor itself needs {MinimumMemory >> 20} MiB.";
        if (resources.Pids < MinimumPids)
            yield return $"{resources.Pids} tasks are too few: gVisor itself needs {MinimumPids}.";
        if (resources.StorageBytes < Volumes.CellVolume.MinimumBytes)
            yield return $"{resources.StorageBytes} bytes of storage are too little: the least is {Volumes.CellVolume.MinimumBytes >> 20} MiB.";
        if (spec.Gpu is { } gpu && FaultOf(gpu) is { } fault)
            yield return fault;
        if (spec.Gpu is not null && spec.Checkpoints)
            yield return "A sandbox with a GPU cannot be checkpointed: leave Gpu or Checkpoints out.";
        foreach (var (inside, host) in spec.ReadOnlyMounts)
        {
            if (!IsMountPoint(inside))
                yield return $"\"{inside}\" cannot be a place for a read-only file: use an absolute path below a folder of its own, such as /models/weights.gguf.";
            if (!Path.IsPathFullyQualified(host) || !Path.Exists(host))
                yield return $"The read-only file \"{host}\" does not exist, or is no absolute path.";
        }

        foreach (var (name, value) in spec.Environment)
        {
            if (name.Length == 0 || name.AsSpan().ContainsAny('=', '\0') || value.Contains('\0', StringComparison.Ordinal))
                yield return $"The environment variable \"{name}\" has a name or value that cannot be passed on.";
        }
    }

    private static string? FaultOf(GpuRequest request)
    {
        try
        {
            HostGpus.Choose(request, HostGpus.Read());
            return null;
        }
        catch (SandboxException error)
        {
            return error.Message;
        }
    }

    // Not over what makes the cell a cell, and no way around that by "..".
    private static bool IsMountPoint(string path) =>
        path.StartsWith('/') && path.Split('/') is ["", var top, { Length: > 0 }, ..] parts
        && !ReservedFolders.Contains(top) && !parts.Skip(1).Any(part => part is "" or "." or "..");
}
