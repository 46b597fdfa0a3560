using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

internal sealed partial class GuestChannel
{
    private const int MaxListed = 1_000_000;

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

    /// <summary>Re-attaches to the command of a key, whatever it is; <see langword="null"/> where the key is unknown.</summary>
    /// <exception cref="ArgumentException">The key or the number is none.</exception>
    public async Task<ExecHandle?> AttachExecAsync(string key, int maxOutputBytes, CancellationToken cancellationToken)
    {
        var handle = new GuestExecHandle(this, ExecRequests.Attach(key, maxOutputBytes), default);
        try
        {
            await handle.StartAsync(cancellationToken).ConfigureAwait(false);
            return handle;
        }
        catch (GuestErrorException e) when (e.Code == ErrorCode.UnknownKey)
        {
            await handle.DisposeAsync().ConfigureAwait(false);
            return null;
        }
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

    /// <summary>Lists the keys that the guest knows: running, kept and interrupted ones.</summary>
    public async Task<IReadOnlyList<ExecInfo>> ListExecsAsync(CancellationToken cancellationToken)
    {
        var list = new List<ExecInfo>();
        var call = await OpenAsync(Method.ExecList, new WireWriter(), cancellationToken).ConfigureAwait(false);
        await using (call.ConfigureAwait(false))
        {
            while (true)
            {
                var message = await call.ReadAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    if (message.Type == FrameType.Result)
                        return list;
                    if (message.Type != FrameType.Data)
                        throw call.Unexpected(message);
                    Append(list, message.Span);
                }
                finally
                {
                    call.Done(message);
                }
            }
        }
    }

    private static void Append(List<ExecInfo> list, ReadOnlySpan<byte> piece)
    {
        try
        {
            var reader = new WireReader(piece);
            while (!reader.AtEnd)
                list.Add(new ExecInfo(reader.String(), (ExecState)Math.Min(reader.Byte(), (byte)ExecState.Interrupted)));
        }
        catch (ProtocolException e)
        {
            throw new SandboxException($"The guest's list of commands makes no sense: {e.Message}", e);
        }
        if (list.Count > MaxListed)
            throw new SandboxException($"The guest lists more than {MaxListed} commands; forget some.");
    }

    private static WireWriter KeyRequest(string key)
    {
        var writer = new WireWriter();
        writer.String(key);
        return writer;
    }
}
