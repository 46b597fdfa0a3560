using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

internal sealed partial class GuestChannel
{
    /// <summary>Starts a command, or re-attaches to the one already known under its key.</summary>
    /// <exception cref="ArgumentException">The specification cannot be.</exception>
    /// <exception cref="SandboxException">The guest refused, or a command without a key lost its connection.</exception>
    /// <exception cref="SandboxLostException">The sandbox died.</exception>
    public async Task<ExecHandle> StartExecAsync(ExecSpec spec, CancellationToken cancellationToken)
    {
        var handle = new GuestExecHandle(this, ExecRequests.Create(spec), spec.StandardInput);
        await handle.StartAsync(cancellationToken).ConfigureAwait(false);
        return handle;
    }

    /// <summary>Asks what is known of a key.</summary>
    public async Task<ExecState> FindExecAsync(string key, CancellationToken cancellationToken)
    {
        ExecRequests.CheckKey(key);
        var answer = await CallAsync(Method.ExecFind, KeyRequest(key), cancellationToken).ConfigureAwait(false);
        return answer is [<= (byte)ExecState.Interrupted and var state]
            ? (ExecState)state
            : throw new SandboxException("The guest's answer about a key makes no sense.");
    }

    /// <summary>Forgets a finished or interrupted command and its output.</summary>
    public async Task ForgetExecAsync(string key, CancellationToken cancellationToken)
    {
        ExecRequests.CheckKey(key);
        await CallAsync(Method.ExecForget, KeyRequest(key), cancellationToken).ConfigureAwait(false);
    }

    private static WireWriter KeyRequest(string key)
    {
        var writer = new WireWriter();
        writer.String(key);
        return writer;
    }
}
