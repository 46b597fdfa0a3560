using OnCell.Sandboxes;

namespace OnCell.Testing.Sandboxes;

/// <summary>A sandbox whose commands are scripted and whose files lie in a folder of this machine.</summary>
internal sealed class FakeSandbox(SandboxId id, TestWorld world) : Sandbox
{
    private readonly TaskCompletionSource _lost = new();

    public override SandboxId Id => id;

    public override string WorkFolder => world.WorkFolder;

    public override SandboxFiles Files { get; } = new FakeFiles(world);

    public override EgressPolicy Egress { get; set; } = EgressPolicy.DenyAll;

    public override Task Lost => _lost.Task;

    public override Task<ExecHandle> StartExecAsync(ExecSpec spec, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        world.Crashes.ThrowIfDead();
        var (result, reattached) = world.Guest.Run(spec);
        return Task.FromResult<ExecHandle>(new FakeExec(result, reattached));
    }

    public override Task<ExecState> FindExecAsync(string key, CancellationToken cancellationToken) => Task.FromResult(world.Guest.Find(key));

    public override Task<ExecHandle?> AttachExecAsync(string key, int maxOutputBytes, CancellationToken cancellationToken) =>
        Task.FromResult<ExecHandle?>(world.Guest.Result(key) is { } result ? new FakeExec(result, true) : null);

    public override Task<IReadOnlyList<ExecInfo>> ListExecsAsync(CancellationToken cancellationToken) => Task.FromResult(world.Guest.List());

    public override Task ForgetExecAsync(string key, CancellationToken cancellationToken)
    {
        world.Guest.Forget(key);
        return Task.CompletedTask;
    }

    public override Task<Stream> ConnectPortAsync(int port, CancellationToken cancellationToken) =>
        throw new SandboxException($"Nothing listens on port {port}: the sandbox of a test runs no servers.");

    public override Task<Stream> ConnectEgressAsync(CancellationToken cancellationToken) =>
        throw new SandboxException("The sandbox of a test has no way out.");

    public override Task FreezeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task ThawAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A command that has ended already.</summary>
    private sealed class FakeExec(ExecResult result, bool reattached) : ExecHandle
    {
        public override bool Reattached => reattached;

        public override Task<ExecResult> WaitAsync(Action<ExecOutput>? output, CancellationToken cancellationToken)
        {
            if (result.Stdout.Length > 0) output?.Invoke(new ExecOutput(false, result.Stdout));
            if (result.Stderr.Length > 0) output?.Invoke(new ExecOutput(true, result.Stderr));
            return Task.FromResult(result);
        }

        public override Task SignalAsync(int signal, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task WriteInputAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task EndInputAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task ResizeAsync(TerminalSize size, CancellationToken cancellationToken) => Task.CompletedTask;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
