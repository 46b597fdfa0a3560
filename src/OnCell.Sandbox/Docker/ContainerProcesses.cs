using System.Globalization;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandboxes.Docker;

/// <summary>
/// What runs of a container that its engine has forgotten. containerd 1.6 forgets the shim of one that could not be started; an engine
/// that is killed in the middle of a start forgets all that runs of it.
/// </summary>
internal static class ContainerProcesses
{
    private static readonly string[] Programs = ["containerd-shim", "runsc"];
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(5);
    private const int SettleAttempts = 1000;

    /// <summary>Finds the shim of a container, and gVisor's processes for it.</summary>
    internal static IReadOnlyList<int> Find(string containerId) =>
        [.. Directory.GetDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && IsOf(RunscProcesses.Arguments(pid), containerId))];

    /// <summary>Kills what is left of a container that was removed, and returns when nothing is.</summary>
    /// <exception cref="SandboxException">Something does not end.</exception>
    internal static async Task KillAsync(string containerId, CancellationToken cancellationToken)
    {
        for (var attempt = 0; Find(containerId) is { Count: > 0 } processes; attempt++)
        {
            if (attempt == SettleAttempts)
                throw new SandboxException($"Processes {string.Join(", ", processes)} of container {containerId[..12]} do not end although they were killed.");
            foreach (var pid in processes)
                _ = Libc.Kill(pid, Libc.SigKill); // one that ended in between is no error
            await Task.Delay(Settle, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsOf(string[] arguments, string containerId) =>
        Array.Exists(Programs, program => Path.GetFileName(arguments.FirstOrDefault() ?? "").StartsWith(program, StringComparison.Ordinal))
        && Array.Exists(arguments, argument => argument == containerId || argument.EndsWith("/" + containerId, StringComparison.Ordinal));
}
