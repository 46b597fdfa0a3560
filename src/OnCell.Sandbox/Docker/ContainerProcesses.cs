using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Docker;

/// <summary>
/// What runs of a container that its engine has forgotten. containerd 1.6 forgets the shim of one that could not be started; an engine
/// that is killed in the middle of a start forgets all that runs of it.
/// </summary>
internal static class ContainerProcesses
{
    private static readonly string[] Programs = ["containerd-shim", "runsc"];
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(5);

    /// <summary>Finds the shim of a container, and gVisor's processes for it.</summary>
    internal static IReadOnlyList<int> Find(string containerId) => HostProcesses.Find(arguments => IsOf(arguments, containerId));

    /// <summary>Kills what is left of a container that was removed, and returns when nothing is.</summary>
    /// <exception cref="SandboxException">Something does not end.</exception>
    internal static Task KillAsync(string containerId, CancellationToken cancellationToken) =>
        HostProcesses.KillAsync(() => Find(containerId), $"container {containerId[..12]}", Settle, cancellationToken);

    private static bool IsOf(string[] arguments, string containerId) =>
        Array.Exists(Programs, program => Path.GetFileName(arguments.FirstOrDefault() ?? "").StartsWith(program, StringComparison.Ordinal))
        && Array.Exists(arguments, argument => argument == containerId || argument.EndsWith("/" + containerId, StringComparison.Ordinal));
}
