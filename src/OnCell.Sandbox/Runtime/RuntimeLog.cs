using Microsoft.Extensions.Logging;

namespace OnCell.Sandboxes.Runtime;

/// <summary>Log messages of the runtime: event ids 2000 to 2049.</summary>
internal static partial class RuntimeLog
{
    [LoggerMessage(2000, LogLevel.Information, "Sandbox {Id} started in {Milliseconds} ms (process {Pid})")]
    internal static partial void Started(ILogger logger, SandboxId id, double milliseconds, int pid);

    [LoggerMessage(2001, LogLevel.Information, "Sandbox {Id} attached in {Milliseconds} ms (process {Pid})")]
    internal static partial void Attached(ILogger logger, SandboxId id, double milliseconds, int pid);

    [LoggerMessage(2002, LogLevel.Information, "Sandbox {Id} stopped in {Milliseconds} ms")]
    internal static partial void Stopped(ILogger logger, SandboxId id, double milliseconds);

    [LoggerMessage(2003, LogLevel.Warning, "Sandbox {Id} died: {Reason}")]
    internal static partial void Lost(ILogger logger, SandboxId id, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "Sandbox {Id} was left running but could not be attached, and is removed: {Reason}")]
    internal static partial void NotAttached(ILogger logger, SandboxId id, string reason);

    [LoggerMessage(2005, LogLevel.Information, "Sandbox {Id} destroyed: what was left of it on the host is removed")]
    internal static partial void Destroyed(ILogger logger, SandboxId id);

    [LoggerMessage(2006, LogLevel.Warning, "The disk of {Folder} has {FreeMiB} MiB free; sandboxes will meet a full disk before their own volumes are full")]
    internal static partial void DiskLow(ILogger logger, string folder, long freeMiB);

    [LoggerMessage(2011, LogLevel.Information, "Sandbox {Id} checkpointed in {Milliseconds} ms")]
    internal static partial void Checkpointed(ILogger logger, SandboxId id, double milliseconds);

    [LoggerMessage(2012, LogLevel.Information, "Sandbox {Id} restored from its checkpoint in {Milliseconds} ms (process {Pid})")]
    internal static partial void Restored(ILogger logger, SandboxId id, double milliseconds, int pid);

    [LoggerMessage(2013, LogLevel.Warning, "The checkpoint of sandbox {Id} is not used, and its processes are gone; it starts anew with all files: {Reason}")]
    internal static partial void NotRestored(ILogger logger, SandboxId id, string reason);

    [LoggerMessage(2014, LogLevel.Warning, "Sandbox {Id} could not be checkpointed: {Reason}")]
    internal static partial void NotCheckpointed(ILogger logger, SandboxId id, string reason);

    [LoggerMessage(2010, LogLevel.Warning, "Sandbox {Id} runs, but its runsc did not end well: {Reason}")]
    internal static partial void RunscFailed(ILogger logger, SandboxId id, string reason);

    [LoggerMessage(2008, LogLevel.Warning, "The warm pool could not be filled: {Reason}")]
    internal static partial void PoolNotFilled(ILogger logger, string reason);

    [LoggerMessage(2009, LogLevel.Warning, "Sandbox {Id} could not join a sandbox of the warm pool and boots its own: {Reason}")]
    internal static partial void NotJoined(ILogger logger, SandboxId id, string reason);

    [LoggerMessage(2007, LogLevel.Warning, "The guest of sandbox {Id} did not end by itself ({Reason}); it is killed")]
    internal static partial void GuestKilled(ILogger logger, SandboxId id, string reason);
}
