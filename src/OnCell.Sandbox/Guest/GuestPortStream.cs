using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes.Guest;

/// <summary>A connection to a port of a sandbox. Disposing closes it; <see cref="CompleteWritesAsync"/> ends one direction.</summary>
internal sealed class GuestPortStream(GuestCall call) : Stream
{
    private GuestMessage? _current;
    private int _read;
    private bool _ended;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Tells the server that no more will be written.</summary>
    public Task CompleteWritesAsync(CancellationToken cancellationToken) => call.EndDataAsync(cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_current is null)
        {
            if (_ended)
                return 0;
            await NextAsync(cancellationToken).ConfigureAwait(false);
        }
        var message = _current.Value;
        var count = Math.Min(buffer.Length, message.Length - _read);
        message.Memory.Slice(_read, count).CopyTo(buffer);
        _read += count;
        if (_read == message.Length)
        {
            call.Done(message);
            _current = null;
        }
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await call.SendDataAsync(buffer, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A sandbox's port is read asynchronously.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A sandbox's port is written asynchronously.");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await call.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            call.Cancel();
        base.Dispose(disposing);
    }

    private async Task NextAsync(CancellationToken cancellationToken)
    {
        var message = await call.ReadAsync(cancellationToken).ConfigureAwait(false);
        switch (message)
        {
            case { Type: FrameType.Data, Length: > 0 }:
                _current = message;
                _read = 0;
                return;
            case { Type: FrameType.Data } or { Type: FrameType.Event, Tag: (byte)CallEvent.EndOfOutput } or { Type: FrameType.Result }:
                _ended |= message.Type != FrameType.Data;
                call.Done(message);
                return;
            default:
                var error = call.Unexpected(message);
                call.Done(message);
                throw error;
        }
    }
}
