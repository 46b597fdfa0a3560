using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Docker;

/// <summary>The end of a container's process: seen by the kernel, so it is seen too while the engine is down.</summary>
internal sealed class ContainerEnd
{
    private readonly DockerHome _home;
    private readonly int _pid;

    private ContainerEnd(DockerHome home, int pid, Task ended)
    {
        _home = home;
        _pid = pid;
        Reason = $"its process {pid} ended";
        Task = ObserveAsync(ended);
    }

    /// <summary>Gets a task that ends when the process has and the reason is known.</summary>
    internal Task Task { get; }

    /// <summary>Gets why it ended, once it has.</summary>
    internal string Reason { get; private set; }

    /// <summary>Begins to watch.</summary>
    /// <param name="home">The container's home.</param>
    /// <param name="containerId">The engine's id of the container.</param>
    /// <param name="pid">The process that the engine names.</param>
    /// <param name="watcher">The watcher of processes.</param>
    /// <exception cref="SandboxException">It is not a process of this host's PID namespace.</exception>
    internal static ContainerEnd Watch(DockerHome home, string containerId, int pid, ProcessWatcher watcher)
    {
        var ended = watcher.WhenEndedAsync(pid);
        // Looked at after it is watched: the number could have changed hands before.
        return ended.IsCompleted || IsOf(pid, containerId)
            ? new ContainerEnd(home, pid, ended)
            : throw new SandboxException(
                $"Process {pid}, which the Docker engine names, is not seen as the container's here: run the service in the host's PID namespace.");
    }

    private static bool IsOf(int pid, string containerId)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cgroup").Contains(containerId, StringComparison.Ordinal)
                || File.ReadAllText($"/proc/{pid}/cmdline").Contains(containerId, StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true; // it ended while being looked at, which the watcher tells
        }
    }

    private async Task ObserveAsync(Task ended)
    {
        await ended.ConfigureAwait(false);
        try
        {
            if (await _home.FindAsync(CancellationToken.None).ConfigureAwait(false) is { OutOfMemory: true })
                Reason = "it needed more memory than its cap";
        }
        catch (SandboxException error)
        {
            Reason = $"its process {_pid} ended, and the engine does not say why: {error.Message}";
        }
    }
}
