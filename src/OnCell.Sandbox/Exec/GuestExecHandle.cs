using OnCell.Guest.Protocol;
using OnCell.Sandboxes.Guest;

namespace OnCell.Sandboxes;

/// <summary>A command in a guest. One with a key survives a broken connection: it is found again and read on from where it was.</summary>
internal sealed class GuestExecHandle(GuestChannel channel, ExecRequest request, ReadOnlyMemory<byte> standardInput)
    : ExecHandle
{
    private readonly HeadTailBuffer _stdout = new(request.MaxOutputBytes);
    private readonly HeadTailBuffer _stderr = new(request.MaxOutputBytes);
    private readonly SemaphoreSlim _waiting = new(1, 1);
    private GuestCall? _call;
    private ExecResult? _result;
    private bool _reattached;
    private bool _inputEnded;

    /// <inheritdoc/>
    public override bool Reattached => _reattached;

    private bool Keyed => request.Key.Length > 0;

    /// <summary>Starts the command and returns when the guest has it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _reattached = await OpenAsync(request, standardInput, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (GuestConnectionException) when (Keyed)
            {
                // Started or not, its key tells: asking again can neither lose it nor run it twice.
            }
        }
    }

    /// <inheritdoc/>
    public override async Task<ExecResult> WaitAsync(Action<ExecOutput>? output, CancellationToken cancellationToken)
    {
        await _waiting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (_result is null)
            {
                try
                {
                    _result = await ReadToEndAsync(output, cancellationToken).ConfigureAwait(false);
                }
                catch (GuestConnectionException) when (Keyed)
                {
                    await ReattachAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            return _result;
        }
        finally
        {
            _waiting.Release();
        }
    }

    /// <inheritdoc/>
    public override async Task SignalAsync(int signal, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(signal, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(signal, 64);
        if (_result is null && _call is { } call)
            await call.SignalAsync(signal, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override Task WriteInputAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        Typed().SendDataAsync(data, cancellationToken);

    /// <inheritdoc/>
    public override Task EndInputAsync(CancellationToken cancellationToken)
    {
        var call = Typed();
        _inputEnded = true;
        return call.EndDataAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override Task ResizeAsync(TerminalSize size, CancellationToken cancellationToken)
    {
        ExecRequests.CheckSize(size);
        if (request.TerminalRows == 0)
            throw new InvalidOperationException("The command has no terminal.");
        return _call!.ResizeAsync((ushort)size.Rows, (ushort)size.Columns, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_call is { } call)
            await call.DisposeAsync().ConfigureAwait(false);
        _waiting.Dispose();
    }

    private GuestCall Typed() => request.InteractiveInput && !_inputEnded
        ? _call!
        : throw new InvalidOperationException("The command takes no typed input, or it was ended.");

    /// <summary>Opens the call and returns whether the command was known before.</summary>
    private async Task<bool> OpenAsync(
        ExecRequest request, ReadOnlyMemory<byte> standardInput, CancellationToken cancellationToken)
    {
        var writer = new WireWriter();
        request.Write(writer);
        var call = await channel.OpenAsync(Method.Exec, writer, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!standardInput.IsEmpty)
            {
                await call.SendDataAsync(standardInput, cancellationToken).ConfigureAwait(false);
                await call.EndDataAsync(cancellationToken).ConfigureAwait(false);
            }
            var first = await call.ReadAsync(cancellationToken).ConfigureAwait(false);
            var started = first is { Type: FrameType.Event, Tag: (byte)CallEvent.ExecStarted }
                ? ExecStarted.Read(first.Span)
                : throw call.Unexpected(first);
            call.Done(first);
            _call = call;
            return started.Reattached;
        }
        catch (ProtocolException e)
        {
            await call.DisposeAsync().ConfigureAwait(false);
            throw new SandboxException($"The guest's answer makes no sense: {e.Message}", e);
        }
        catch
        {
            await call.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task ReattachAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var rest = request with
                {
                    AttachOnly = true,
                    StandardInputLength = 0,
                    StdoutOffset = _stdout.Total,
                    StderrOffset = _stderr.Total,
                };
                await OpenAsync(rest, default, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (GuestConnectionException)
            {
                // The guest dials again; the next call waits for it.
            }
        }
    }

    private async Task<ExecResult> ReadToEndAsync(Action<ExecOutput>? output, CancellationToken cancellationToken)
    {
        var call = _call!;
        while (true)
        {
            var message = await call.ReadAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (Take(call, message, output) is { } result)
                    return result;
            }
            catch (Exception e) when (e is ProtocolException or OverflowException)
            {
                throw new SandboxException($"The guest's report of a command makes no sense: {e.Message}", e);
            }
            finally
            {
                call.Done(message);
            }
        }
    }

    private ExecResult? Take(GuestCall call, GuestMessage message, Action<ExecOutput>? output)
    {
        switch (message)
        {
            case { Type: FrameType.Data, Tag: <= (byte)OutputStream.Stderr }:
                var isError = message.Tag == (byte)OutputStream.Stderr;
                BufferOf((OutputStream)message.Tag).Append(message.Span);
                output?.Invoke(new ExecOutput(isError, message.Memory));
                return null;
            case { Type: FrameType.Event, Tag: (byte)CallEvent.Gap }:
                var gap = OutputGap.Read(message.Span);
                BufferOf(gap.Stream).Skip(gap.Length);
                return null;
            case { Type: FrameType.Result }:
                return Result(ExecExit.Read(message.Span));
            default:
                throw call.Unexpected(message);
        }
    }

    private HeadTailBuffer BufferOf(OutputStream stream) => stream == OutputStream.Stdout ? _stdout : _stderr;

    private ExecResult Result(ExecExit exit) => new()
    {
        Outcome = (ExecOutcome)exit.Kind,
        ExitCode = exit.Code,
        Stdout = _stdout.ToArray(),
        Stderr = _stderr.ToArray(),
        StdoutOmitted = _stdout.Omitted,
        StderrOmitted = _stderr.Omitted,
        Duration = TimeSpan.FromMicroseconds(exit.DurationMicroseconds),
        Reattached = _reattached,
        Error = exit.Error.Length > 0 ? exit.Error : null,
    };
}
