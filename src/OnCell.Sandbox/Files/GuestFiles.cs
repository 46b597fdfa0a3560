using System.Runtime.CompilerServices;
using OnCell.Guest.Protocol;
using OnCell.Sandboxes.Guest;

namespace OnCell.Sandboxes;

/// <summary>The files of a sandbox, opened by its guest.</summary>
internal sealed partial class GuestFiles(GuestChannel channel) : SandboxFiles
{
    private const int MaxListed = 1_000_000;
    private const int CopyBytes = 1 << 18;

    /// <inheritdoc/>
    public override async Task<byte[]> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        var request = Request(path);
        request.Int64(maxBytes);
        using var content = new MemoryStream();
        await CollectAsync(channel, Method.FileRead, request, path, Append, cancellationToken).ConfigureAwait(false);
        return content.ToArray();

        void Append(ReadOnlySpan<byte> piece)
        {
            // The guest checks too; this one holds where the guest is not to be trusted.
            if (content.Length + piece.Length > maxBytes)
                throw new SandboxException($"{path} is larger than {maxBytes} bytes.");
            content.Write(piece);
        }
    }

    /// <inheritdoc/>
    public override async Task WriteAsync(
        string path, ReadOnlyMemory<byte> content, int mode, CancellationToken cancellationToken)
    {
        var request = Request(path);
        request.Int32(mode);
        await AskAsync(path, async () =>
        {
            var call = await channel.OpenAsync(Method.FileWrite, request, cancellationToken).ConfigureAwait(false);
            await using (call.ConfigureAwait(false))
            {
                await call.SendDataAsync(content, cancellationToken).ConfigureAwait(false);
                await call.EndDataAsync(cancellationToken).ConfigureAwait(false);
                return await call.ResultAsync(cancellationToken).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override Task<long> WriteAsync(string path, Stream content, long maxBytes, int mode, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var request = Request(path);
        request.Int32(mode);
        return AskAsync(path, async () =>
        {
            var call = await channel.OpenAsync(Method.FileWrite, request, cancellationToken).ConfigureAwait(false);
            await using (call.ConfigureAwait(false))
            {
                var sent = 0L;
                var buffer = new byte[CopyBytes];
                while (await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
                {
                    sent += read;
                    if (sent > maxBytes)
                        throw new SandboxException($"What was to be written to {path} is larger than {maxBytes} bytes.");
                    await call.SendDataAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                }

                await call.EndDataAsync(cancellationToken).ConfigureAwait(false);
                await call.ResultAsync(cancellationToken).ConfigureAwait(false);
                return sent;
            }
        });
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<SandboxFile>> ListAsync(string path, CancellationToken cancellationToken)
    {
        var files = new List<SandboxFile>();
        await CollectAsync(channel, Method.FileList, Request(path), path, Append, cancellationToken).ConfigureAwait(false);
        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return files;

        void Append(ReadOnlySpan<byte> piece)
        {
            var reader = new WireReader(piece);
            while (!reader.AtEnd)
                files.Add(ToFile(FileEntry.ReadFrom(ref reader)));
            if (files.Count > MaxListed)
                throw new SandboxException($"{path} has more than {MaxListed} entries; list it by a command.");
        }
    }

    /// <inheritdoc/>
    public override async Task<SandboxFile?> StatAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(
            path, () => channel.CallAsync(Method.FileStat, Request(path), cancellationToken)).ConfigureAwait(false);
        if (answer.Length == 0)
            return null;
        var reader = new WireReader(answer);
        return ToFile(FileEntry.ReadFrom(ref reader));
    }

    /// <inheritdoc/>
    public override Task MoveAsync(string from, string to, CancellationToken cancellationToken)
    {
        var request = Request(from);
        CheckPath(to);
        request.String(to);
        return AskAsync(from, () => channel.CallAsync(Method.FileMove, request, cancellationToken));
    }

    /// <inheritdoc/>
    public override Task RemoveAsync(string path, CancellationToken cancellationToken) =>
        AskAsync(path, () => channel.CallAsync(Method.FileRemove, Request(path), cancellationToken));

    /// <inheritdoc/>
    public override async IAsyncEnumerable<SandboxFileChange> WatchAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = await AskAsync(path, () => OpenWatchAsync(path, cancellationToken)).ConfigureAwait(false);
        await using (call.ConfigureAwait(false))
        {
            yield return new SandboxFileChange(SandboxFileChangeKind.Watching, "");
            while (true)
            {
                foreach (var change in await AskAsync(path, () => ReadChangesAsync(call, cancellationToken)).ConfigureAwait(false))
                    yield return change;
            }
        }
    }

    private async Task<GuestCall> OpenWatchAsync(string path, CancellationToken cancellationToken)
    {
        var call = await channel.OpenAsync(Method.FileWatch, Request(path), cancellationToken).ConfigureAwait(false);
        try
        {
            await call.OpenedAsync(cancellationToken).ConfigureAwait(false);
            return call;
        }
        catch
        {
            await call.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<List<SandboxFileChange>> ReadChangesAsync(GuestCall call, CancellationToken cancellationToken)
    {
        var message = await call.ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (message.Type != FrameType.Data)
                throw call.Unexpected(message);
            var changes = new List<SandboxFileChange>();
            var reader = new WireReader(message.Span);
            while (!reader.AtEnd)
            {
                var change = FileChange.ReadFrom(ref reader);
                changes.Add(new SandboxFileChange((SandboxFileChangeKind)change.Kind, change.Path));
            }
            return changes;
        }
        finally
        {
            call.Done(message);
        }
    }

    private static WireWriter Request(string path)
    {
        CheckPath(path);
        var writer = new WireWriter();
        writer.String(path);
        return writer;
    }

    private static void CheckPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0'))
            throw new ArgumentException("A path contains a zero byte.", nameof(path));
    }

    private static SandboxFile ToFile(FileEntry entry) => new(
        entry.Name,
        (SandboxFileKind)entry.Kind,
        entry.Length,
        DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Clamp(entry.ModifiedUnixMilliseconds, -62_135_596_800_000, 253_402_300_799_999)),
        entry.Mode & 0xFFF);

    private delegate void Piece(ReadOnlySpan<byte> piece);

    private static async Task CollectAsync(
        GuestChannel channel, Method method, WireWriter request, string path, Piece take,
        CancellationToken cancellationToken)
    {
        await AskAsync(path, async () =>
        {
            var call = await channel.OpenAsync(method, request, cancellationToken).ConfigureAwait(false);
            await using (call.ConfigureAwait(false))
            {
                while (true)
                {
                    var message = await call.ReadAsync(cancellationToken).ConfigureAwait(false);
                    try
                    {
                        if (message.Type == FrameType.Result)
                            return true;
                        if (message.Type != FrameType.Data)
                            throw call.Unexpected(message);
                        take(message.Span);
                    }
                    finally
                    {
                        call.Done(message);
                    }
                }
            }
        }).ConfigureAwait(false);
    }

    /// <summary>Asks the guest and turns its errors into those that callers know.</summary>
    private static async Task<T> AskAsync<T>(string path, Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (GuestErrorException e) when (e.Code == ErrorCode.NotFound)
        {
            throw new FileNotFoundException($"The sandbox has no {path}: {e.Message}", path, e);
        }
        catch (ProtocolException e)
        {
            throw new SandboxException($"The guest's answer about {path} makes no sense: {e.Message}", e);
        }
    }
}
