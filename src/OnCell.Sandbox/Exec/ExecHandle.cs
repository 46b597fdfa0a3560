namespace OnCell.Sandboxes;

/// <summary>A command that runs in a sandbox. Disposing lets go of a keyed command and kills one without a key.</summary>
public abstract class ExecHandle : IAsyncDisposable
{
    /// <summary>Gets whether the command had been started by an earlier call with the same key.</summary>
    public abstract bool Reattached { get; }

    /// <summary>Waits for the end.</summary>
    /// <exception cref="SandboxLostException">The sandbox died.</exception>
    public abstract Task<ExecResult> WaitAsync(Action<ExecOutput>? output, CancellationToken cancellationToken);

    /// <summary>Sends a signal to the command's process group.</summary>
    public abstract Task SignalAsync(int signal, CancellationToken cancellationToken);

    /// <summary>Types input to a command with <see cref="ExecSpec.InteractiveInput"/>, as fast as it reads.</summary>
    /// <exception cref="InvalidOperationException">The command takes no typed input, or it was ended.</exception>
    public abstract Task WriteInputAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Ends the typed input.</summary>
    public abstract Task EndInputAsync(CancellationToken cancellationToken);

    /// <summary>Tells the command of another size of its terminal.</summary>
    /// <exception cref="InvalidOperationException">The command has no terminal.</exception>
    public abstract Task ResizeAsync(TerminalSize size, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
