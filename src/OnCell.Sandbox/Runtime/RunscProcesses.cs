using System.Globalization;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>
/// Finds the processes of a sandbox by their command lines: runsc itself, also one that a killed service had just
/// started and that is in no control group yet; the sandbox; its gofers.
/// </summary>
internal static class RunscProcesses
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(2);
    private const int SettleAttempts = 1000;

    internal static IReadOnlyList<int> Find(string runscRoot, RuntimeFolder folder) =>
        [.. Directory.GetDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && IsOf(pid, runscRoot, folder))];

    /// <summary>Finds the gofers of one container, which end with its first process.</summary>
    /// <param name="runscRoot">runsc's folder of state.</param>
    /// <param name="folder">The container's.</param>
    /// <param name="group">The processes of its control group. Only where none of them is one, all of the host are looked at.</param>
    internal static IReadOnlyList<int> FindGofers(string runscRoot, RuntimeFolder folder, IReadOnlyList<int> group)
    {
        int[] found = [.. group.Where(pid => IsOf(pid, runscRoot, folder) && IsGofer(pid))];
        return found.Length > 0 ? found : [.. Find(runscRoot, folder).Where(IsGofer)];
    }

    private static bool IsGofer(int pid) => Arguments(pid).Contains("gofer");

    /// <summary>Tells whether a process belongs to a sandbox. Threads that are ending and zombies have no command line and do not.</summary>
    internal static bool IsOf(int pid, string runscRoot, RuntimeFolder folder)
    {
        var arguments = Arguments(pid);
        return arguments.Contains("--root=" + runscRoot)
            && (arguments.Contains(folder.Bundle) || arguments.Contains("--bundle=" + folder.Bundle)
                || (arguments.Contains("checkpoint") && arguments.Contains(folder.Name)));
    }

    /// <summary>Gets the words of a process's command line; none where it has ended.</summary>
    internal static string[] Arguments(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // it ended while being looked at
        }
    }

    /// <summary>Kills them and returns when none is left.</summary>
    internal static async Task KillAsync(string runscRoot, RuntimeFolder folder, CancellationToken cancellationToken)
    {
        for (var attempt = 0; Find(runscRoot, folder) is { Count: > 0 } processes; attempt++)
        {
            if (attempt == SettleAttempts)
                throw new SandboxException($"Processes {string.Join(", ", processes)} of sandbox {folder.Name} do not end although they were killed.");
            foreach (var pid in processes)
                _ = Libc.Kill(pid, Libc.SigKill); // one that ended in between is no error
            await Task.Delay(Settle, cancellationToken).ConfigureAwait(false);
        }
    }
}
