namespace OnCell.Sandboxes;

/// <summary>One running sandbox. Disposing lets go of it and leaves it running; <see cref="StopAsync"/> ends it.</summary>
public abstract class Sandbox : IAsyncDisposable
{
    /// <summary>Gets the id.</summary>
    public abstract SandboxId Id { get; }

    /// <summary>Gets the host folder that is <c>/work</c> in the sandbox. Only to be read from, and never through a symbolic link.</summary>
    public abstract string WorkFolder { get; }

    /// <summary>Gets the files of the sandbox, opened by its guest, so no path can leave it.</summary>
    public abstract SandboxFiles Files { get; }

    /// <summary>Gets or sets what the sandbox may reach. A change holds for new connections, and ends open ones that it forbids.</summary>
    public abstract EgressPolicy Egress { get; set; }

    /// <summary>Gets a task that ends when the sandbox is found dead.</summary>
    public abstract Task Lost { get; }

    /// <summary>Gets whether its processes go on from a checkpoint, instead of having begun with this start.</summary>
    public virtual bool Restored => false;

    /// <summary>Starts a command, or re-attaches to the one already known under <see cref="ExecSpec.Key"/>.</summary>
    /// <exception cref="SandboxLostException">The sandbox died.</exception>
    public abstract Task<ExecHandle> StartExecAsync(ExecSpec spec, CancellationToken cancellationToken);

    /// <summary>Asks what is known of a keyed command, without starting anything.</summary>
    public abstract Task<ExecState> FindExecAsync(string key, CancellationToken cancellationToken);

    /// <summary>Re-attaches to a keyed command, running or ended, by its key alone; starts nothing.</summary>
    /// <param name="key">The key it was started with.</param>
    /// <param name="maxOutputBytes">How many bytes of each stream the result keeps; 1 KiB to 64 MiB.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The command, whose output is told from its beginning, or <see langword="null"/> where the key is unknown.</returns>
    /// <exception cref="SandboxLostException">The sandbox died.</exception>
    public abstract Task<ExecHandle?> AttachExecAsync(string key, int maxOutputBytes, CancellationToken cancellationToken);

    /// <summary>Lists the keyed commands that the sandbox knows: running, ended and interrupted ones.</summary>
    public abstract Task<IReadOnlyList<ExecInfo>> ListExecsAsync(CancellationToken cancellationToken);

    /// <summary>Forgets a finished keyed command and its output.</summary>
    public abstract Task ForgetExecAsync(string key, CancellationToken cancellationToken);

    /// <summary>Connects to a server that listens on a port of the sandbox's own loopback, such as a preview.</summary>
    /// <param name="port">The port; 1 to 65535.</param>
    /// <param name="cancellationToken">Ends the wait for the connection, not the connection.</param>
    /// <returns>Bytes both ways. Read and written asynchronously only; disposing closes the connection.</returns>
    /// <exception cref="SandboxException">Nothing listens there, or too many connections are open.</exception>
    public abstract Task<Stream> ConnectPortAsync(int port, CancellationToken cancellationToken);

    /// <summary>Stops the sandbox's processors (cgroup freezer). Memory and processes stay.</summary>
    public abstract Task FreezeAsync(CancellationToken cancellationToken);

    /// <summary>Lets a frozen sandbox run on.</summary>
    public abstract Task ThawAsync(CancellationToken cancellationToken);

    /// <summary>Writes memory and processes to the disk, then ends the sandbox; the next start lets all go on where it was.</summary>
    /// <remarks>
    /// Where that start cannot use the checkpoint, the sandbox starts anew: files are all there, processes are not. Connections
    /// to the outside would not survive, so a sandbox that has some is not checkpointed.
    /// </remarks>
    /// <exception cref="SandboxBusyException">A command without a key runs, or a connection to a port or the network is open.</exception>
    /// <exception cref="SandboxLostException">The sandbox ended, and there is no checkpoint.</exception>
    /// <exception cref="NotSupportedException">The runtime has no checkpoints, or not for this sandbox (see <see cref="SandboxSpec.Checkpoints"/>).</exception>
    public virtual Task CheckpointAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} has no checkpoints: use {nameof(RunscRuntime)}.");

    /// <summary>Asks the guest to end, then ends the sandbox and unmounts its volume. Files stay.</summary>
    public abstract Task StopAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Gets what it uses of the host now; <see langword="null"/> where the runtime cannot tell.</summary>
    public virtual SandboxUsage? ReadUsage() => null;

    /// <summary>Counts the processes in it, whoever started them; a running command is at least one.</summary>
    /// <returns>The count; <see langword="null"/> where it cannot be told, such as for a guest of an earlier release.</returns>
    /// <exception cref="SandboxLostException">The sandbox died.</exception>
    public virtual Task<int?> CountProcessesAsync(CancellationToken cancellationToken) => Task.FromResult<int?>(null);

    /// <summary>Connects to the sandbox's own egress proxy, as its commands do: the same policy, the same events.</summary>
    /// <returns>A stream that speaks HTTP proxying and SOCKS5.</returns>
    public abstract Task<Stream> ConnectEgressAsync(CancellationToken cancellationToken);

    /// <summary>Runs a command to its end. Cancelling lets go of a keyed command and kills one without a key.</summary>
    /// <param name="spec">The command.</param>
    /// <param name="output">Receives output as it comes; for a re-attached command from its beginning.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SandboxLostException">The sandbox died.</exception>
    public async Task<ExecResult> RunAsync(
        ExecSpec spec, Action<ExecOutput>? output = null, CancellationToken cancellationToken = default)
    {
        await using var handle = await StartExecAsync(spec, cancellationToken).ConfigureAwait(false);
        return await handle.WaitAsync(output, cancellationToken).ConfigureAwait(false);
    }
}
