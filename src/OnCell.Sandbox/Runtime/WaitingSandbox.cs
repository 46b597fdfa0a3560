using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Runtime;

/// <summary>A booted sandbox of the warm pool, which waits for its cell on a pipe and ends when that is closed before.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ProcessId">The process of gVisor's kernel.</param>
/// <param name="Ended">Ends when that process does.</param>
/// <param name="Input">The pipe.</param>
internal sealed record WaitingSandbox(string Name, int ProcessId, Task Ended, Stream Input) : IDisposable
{
    /// <summary>Has the cell move in. That it did, its guest says itself.</summary>
    /// <exception cref="SandboxException">The message is too long, or the sandbox has ended.</exception>
    internal async Task SendAsync(MoveInMessage message, CancellationToken cancellationToken)
    {
        var writer = new WireWriter();
        var payload = new WireWriter();
        message.Write(payload);
        if (payload.Length > MoveInMessage.MaxBytes)
            throw new SandboxException($"The environment and mounts of the cell take {payload.Length} bytes, and {MoveInMessage.MaxBytes} are the most.");
        writer.Bytes(payload.Written);
        try
        {
            await Input.WriteAsync(writer.WrittenMemory, cancellationToken).ConfigureAwait(false);
            await Input.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new SandboxException($"The waiting sandbox {Name} took no cell: {error.Message}", error);
        }
    }

    public void Dispose() => Input.Dispose();
}
