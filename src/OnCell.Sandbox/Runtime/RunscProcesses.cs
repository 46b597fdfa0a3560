using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>
/// Finds the processes of a sandbox by their command lines: runsc itself, also one that a killed service had just
/// started and that is in no control group yet; the sandbox; its gofers.
/// </summary>
internal static class RunscProcesses
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(2);

    internal static IReadOnlyList<int> Find(string runscRoot, RuntimeFolder folder) =>
        HostProcesses.Find(arguments => IsOf(arguments, runscRoot, folder));

    /// <summary>Finds the gofers of one container, which end with its first process.</summary>
    /// <param name="runscRoot">runsc's folder of state.</param>
    /// <param name="folder">The container's.</param>
    /// <param name="group">The processes of its control group. Only where none of them is one, all of the host are looked at.</param>
    internal static IReadOnlyList<int> FindGofers(string runscRoot, RuntimeFolder folder, IReadOnlyList<int> group)
    {
        int[] found = [.. group.Where(pid => IsOf(pid, runscRoot, folder) && IsGofer(pid))];
        return found.Length > 0 ? found : [.. Find(runscRoot, folder).Where(IsGofer)];
    }

    private static bool IsGofer(int pid) => HostProcesses.Arguments(pid).Contains("gofer");

    /// <summary>Tells whether a process belongs to a sandbox. Threads that are ending and zombies have no command line and do not.</summary>
    internal static bool IsOf(int pid, string runscRoot, RuntimeFolder folder) => IsOf(HostProcesses.Arguments(pid), runscRoot, folder);

    /// <summary>Kills them and returns when none is left.</summary>
    internal static Task KillAsync(string runscRoot, RuntimeFolder folder, CancellationToken cancellationToken) =>
        HostProcesses.KillAsync(() => Find(runscRoot, folder), $"sandbox {folder.Name}", Settle, cancellationToken);

    private static bool IsOf(string[] arguments, string runscRoot, RuntimeFolder folder) =>
        arguments.Contains("--root=" + runscRoot)
        && (arguments.Contains(folder.Bundle) || arguments.Contains("--bundle=" + folder.Bundle)
            || (arguments.Contains("checkpoint") && arguments.Contains(folder.Name)));
}
