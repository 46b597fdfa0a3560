using System.Globalization;

namespace OnCell.Sandboxes.Host;

/// <summary>The control group of one sandbox, in every hierarchy the host has (v1, v2 or both).</summary>
internal sealed class Cgroup
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(1);
    private const int SettleAttempts = 2000;
    private const int RemoveAttempts = 500;

    private readonly CgroupTree _tree;
    private readonly string[] _folders;

    private Cgroup(CgroupTree tree, string path)
    {
        _tree = tree;
        _folders = [.. tree.Hierarchies().Select(hierarchy => hierarchy + path)];
        Path = path;
    }

    /// <summary>Gets the path below the root of each hierarchy.</summary>
    internal string Path { get; }

    /// <summary>Gets whether anything of the group is on the host.</summary>
    internal bool Exists => _folders.Any(Directory.Exists);

    /// <summary>Gets the group at a path, whether or not it exists.</summary>
    /// <param name="path">The path below each root, with a leading slash.</param>
    /// <param name="tree">The host's by default; a test's own.</param>
    internal static Cgroup At(string path, CgroupTree? tree = null) => new(tree ?? CgroupTree.Host, path);

    /// <summary>Lists the names of the groups directly below a path.</summary>
    internal static IReadOnlyList<string> Children(string path) =>
        [.. CgroupTree.Host.Hierarchies().Select(h => h + path).Where(Directory.Exists)
            .SelectMany(Directory.GetDirectories).Select(d => System.IO.Path.GetFileName(d)!).Distinct()];

    /// <summary>Gets the processes in the group, threads of gVisor's processes left out.</summary>
    internal IReadOnlyList<int> Processes() =>
        [.. _folders.Select(f => System.IO.Path.Combine(f, "cgroup.procs")).SelectMany(ReadLines)
            .Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Where(pid => pid > 0).Distinct()];

    /// <summary>Stops every process of the group where it is, and returns once they stand still.</summary>
    /// <exception cref="SandboxException">One does not come to stand still, such as one that waits for a slow disk; then all go on.</exception>
    internal async Task FreezeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await (_tree.IsUnified
                ? SwitchAsync("cgroup.freeze", "1", "cgroup.events", "frozen 1", cancellationToken)
                : SwitchAsync("freezer.state", "FROZEN", "freezer.state", "FROZEN", cancellationToken)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SandboxException or OperationCanceledException)
        {
            if (Exists)
                await ThawAsync(CancellationToken.None).ConfigureAwait(false); // those that do stand still would wait for ever
            throw;
        }
    }

    /// <summary>Lets the processes of the group go on.</summary>
    internal Task ThawAsync(CancellationToken cancellationToken) => _tree.IsUnified
        ? SwitchAsync("cgroup.freeze", "0", "cgroup.events", "frozen 0", cancellationToken)
        : SwitchAsync("freezer.state", "THAWED", "freezer.state", "THAWED", cancellationToken);

    /// <summary>Gets whether the group is frozen.</summary>
    internal bool IsFrozen() => _tree.IsUnified
        ? ReadLines(Freezer("cgroup.events")).Contains("frozen 1")
        : ReadLines(Freezer("freezer.state")).Any(state => state is "FROZEN" or "FREEZING");

    /// <summary>Gets the bytes of memory that the group uses, page cache included; <see langword="null"/> where unknown.</summary>
    internal long? MemoryBytes()
    {
        var file = _tree.IsUnified
            ? System.IO.Path.Combine(_tree.Root + Path, "memory.current")
            : System.IO.Path.Combine(_tree.Root, "memory" + Path, "memory.usage_in_bytes");
        return ReadLines(file) is [var text] ? long.Parse(text, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Gets the processor time that the group has used; <see langword="null"/> where unknown.</summary>
    internal TimeSpan? CpuTime()
    {
        if (!_tree.IsUnified)
        {
            return ReadLines(System.IO.Path.Combine(_tree.Root, "cpuacct" + Path, "cpuacct.usage")) is [var nanoseconds]
                ? TimeSpan.FromTicks(long.Parse(nanoseconds, CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick)
                : null;
        }

        const string usage = "usage_usec ";
        return ReadLines(System.IO.Path.Combine(_tree.Root + Path, "cpu.stat")).FirstOrDefault(l => l.StartsWith(usage, StringComparison.Ordinal)) is { } line
            ? TimeSpan.FromMicroseconds(long.Parse(line.AsSpan(usage.Length), CultureInfo.InvariantCulture))
            : null;
    }

    /// <summary>Tells whether the kernel killed a process of the group because its memory cap was reached.</summary>
    internal bool WasOutOfMemory()
    {
        var file = _tree.IsUnified
            ? System.IO.Path.Combine(_tree.Root + Path, "memory.events")
            : System.IO.Path.Combine(_tree.Root, "memory" + Path, "memory.oom_control");
        return ReadLines(file).Any(line => line.StartsWith("oom_kill ", StringComparison.Ordinal) && line != "oom_kill 0");
    }

    /// <summary>Kills every process of the group, also when it is frozen, and returns when none is left.</summary>
    internal async Task KillAsync(CancellationToken cancellationToken)
    {
        if (!Exists)
            return;
        for (var attempt = 0; Processes() is { Count: > 0 } processes; attempt++)
        {
            if (attempt == SettleAttempts)
                throw new SandboxException(
                    $"Processes {string.Join(", ", processes)} of control group {Path} do not end although they were killed; see /proc/PID/stack.");
            foreach (var pid in processes)
                _ = Libc.Kill(pid, Libc.SigKill); // one that ended in between is no error
            await ThawIfThereAsync(cancellationToken).ConfigureAwait(false); // a frozen process dies when it is let go
            await Task.Delay(Settle, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes the emptied group, groups below it first.</summary>
    internal async Task RemoveAsync(CancellationToken cancellationToken)
    {
        foreach (var folder in _folders)
        {
            for (var attempt = 0; Directory.Exists(folder) && !TryRemove(folder); attempt++)
            {
                if (attempt == RemoveAttempts)
                    throw new SandboxException($"The control group {folder} could not be removed: processes are still in it.");
                await Task.Delay(Settle, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private string Freezer(string file) => _tree.IsUnified
        ? System.IO.Path.Combine(_tree.Root + Path, file)
        : System.IO.Path.Combine(_tree.Root, "freezer" + Path, file);

    private async Task SwitchAsync(string file, string value, string stateFile, string state, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllTextAsync(Freezer(file), value, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new SandboxException(
                $"The control group {Path} has no freezer: the sandbox is gone, or the host has no freezer controller.", error);
        }

        for (var attempt = 0; !ReadLines(Freezer(stateFile)).Contains(state); attempt++)
        {
            if (attempt == SettleAttempts)
                throw new SandboxException($"The control group {Path} did not come to '{state}' in {SettleAttempts} ms.");
            await Task.Delay(Settle, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ThawIfThereAsync(CancellationToken cancellationToken)
    {
        if (IsFrozen())
            await ThawAsync(cancellationToken).ConfigureAwait(false);
    }

    private static bool TryRemove(string folder)
    {
        try
        {
            foreach (var below in Directory.GetDirectories(folder))
                TryRemove(below);
            Directory.Delete(folder); // rmdir: the kernel's files in it go with it
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // EBUSY: an ended process is still being taken off
        }
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception error) when (error is IOException)
        {
            return []; // gone, or going: ENODEV
        }
    }
}
