using Microsoft.Extensions.Logging;

namespace OnCell.Sandboxes.Docker;

/// <summary>Log messages of the Docker runtime beside those it shares with runsc's: event ids 2030 to 2039.</summary>
internal static partial class DockerLog
{
    [LoggerMessage(2030, LogLevel.Warning, "Sandbox {Id} runs by '{Runtime}' and NOT by gVisor: only the host's kernel is between its code and the host. Never do that with code of strangers")]
    internal static partial void UnsafeRuntime(ILogger logger, SandboxId id, string runtime);

    [LoggerMessage(2031, LogLevel.Warning, "Sandbox {Id} has no cap on its disk (the service is not root): it can fill the disk of {Folder}")]
    internal static partial void UncappedDisk(ILogger logger, SandboxId id, string folder);
}
