using OnCell.Guest.Protocol;
using OnCell.Sandboxes.Guest;

namespace OnCell.Sandboxes.Files;

/// <summary>Reads the tree that a guest sends: entries, each with its content. Nothing of it is believed.</summary>
internal sealed class GuestTree(GuestCall call) : IDisposable
{
    private GuestMessage? _message;
    private int _taken;
    private long _contentLeft;

    /// <summary>Reads the next entry, or <see langword="null"/> at the end. The content of the one before must have been read.</summary>
    /// <exception cref="ProtocolException">The guest sent something else.</exception>
    internal async Task<TreeEntry?> NextAsync(CancellationToken cancellationToken)
    {
        if (_contentLeft > 0)
            throw new InvalidOperationException("The content of the entry before was not read.");
        var length = new byte[4];
        var count = await FillAsync(length, cancellationToken).ConfigureAwait(false);
        if (count == 0)
            return null;
        var size = count == 4 ? new WireReader(length).Int32() : -1;
        if (size is < 0 or > TreeEntry.MaxBytes)
            throw new ProtocolException("a tree's entry has no possible size");
        var encoded = new byte[size];
        if (await FillAsync(encoded, cancellationToken).ConfigureAwait(false) < size)
            throw new ProtocolException("a tree ends in the middle of an entry");
        var entry = Parse(encoded);
        _contentLeft = entry.Length;
        return entry;
    }

    /// <summary>Reads some of the current entry's content; 0 at its end.</summary>
    internal async ValueTask<int> ReadContentAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var wanted = (int)Math.Min(buffer.Length, _contentLeft);
        if (wanted == 0)
            return 0;
        if (!await HasMoreAsync(cancellationToken).ConfigureAwait(false))
            throw new ProtocolException("a tree ends in the middle of a file");
        var count = Take(buffer.Span[..wanted]);
        _contentLeft -= count;
        return count;
    }

    public void Dispose()
    {
        if (_message is { } message)
            call.Done(message);
        _message = null;
    }

    private static TreeEntry Parse(byte[] encoded)
    {
        var reader = new WireReader(encoded);
        var entry = TreeEntry.ReadFrom(ref reader);
        reader.End();
        return entry;
    }

    private async Task<int> FillAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < target.Length && await HasMoreAsync(cancellationToken).ConfigureAwait(false))
            filled += Take(target.Span[filled..]);
        return filled;
    }

    private int Take(Span<byte> target)
    {
        var some = _message!.Value.Span[_taken..];
        some = some[..Math.Min(some.Length, target.Length)];
        some.CopyTo(target);
        _taken += some.Length;
        return some.Length;
    }

    private async ValueTask<bool> HasMoreAsync(CancellationToken cancellationToken)
    {
        while (_message is not { Type: FrameType.Data } current || _taken == current.Length)
        {
            if (_message is { Type: FrameType.Result })
                return false;
            Dispose();
            _taken = 0;
            var message = await call.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (message.Type is not (FrameType.Data or FrameType.Result))
            {
                var error = call.Unexpected(message);
                call.Done(message);
                throw error;
            }

            _message = message;
        }

        return true;
    }
}
