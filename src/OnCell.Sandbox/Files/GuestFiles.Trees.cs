using System.Formats.Tar;
using OnCell.Guest.Protocol;
using OnCell.Sandboxes.Files;
using OnCell.Sandboxes.Guest;
using OnCell.Sandboxes.Images.Archives;

namespace OnCell.Sandboxes;

internal sealed partial class GuestFiles
{
    private const int MaxTargetBytes = 4095;

    /// <inheritdoc/>
    public override Task ExportAsync(string path, Stream archive, SandboxTreeLimits? limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(archive);
        limits = Checked(limits);
        var request = Request(path);
        request.Int64(limits.Bytes);
        request.Int32(limits.Entries);
        return AskAsync(path, async () =>
        {
            var call = await channel.OpenAsync(Method.FileExport, request, cancellationToken).ConfigureAwait(false);
            await using (call.ConfigureAwait(false))
            {
                using var tree = new GuestTree(call);
                var budget = new TreeBudget(path, limits); // the guest counts too; this one holds where it is not to be trusted
                var tar = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true);
                await using (tar.ConfigureAwait(false))
                {
                    while (await tree.NextAsync(cancellationToken).ConfigureAwait(false) is { } entry)
                    {
                        budget.Take(entry.Length);
                        await tar.WriteEntryAsync(ToTar(entry, tree), cancellationToken).ConfigureAwait(false);
                    }
                }

                return true;
            }
        });
    }

    /// <inheritdoc/>
    public override Task ImportAsync(string path, Stream archive, SandboxTreeLimits? limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(archive);
        limits = Checked(limits);
        var request = Request(path);
        return AskAsync(path, async () =>
        {
            var call = await channel.OpenAsync(Method.FileImport, request, cancellationToken).ConfigureAwait(false);
            await using (call.ConfigureAwait(false))
            {
                await Task.Run(() => SendAsync(call, path, archive, limits, cancellationToken), cancellationToken).ConfigureAwait(false);
                return await call.ResultAsync(cancellationToken).ConfigureAwait(false);
            }
        });
    }

    private static async Task SendAsync(GuestCall call, string path, Stream archive, SandboxTreeLimits limits, CancellationToken cancellationToken)
    {
        using var reads = new BlockingReads(archive, cancellationToken);
        var tar = new TarScanner(reads);
        var budget = new TreeBudget(path, limits);
        var writer = new WireWriter(CopyBytes);
        var buffer = new byte[CopyBytes];
        while (!call.Over && tar.Next() is { } item)
        {
            cancellationToken.ThrowIfCancellationRequested();
            budget.Take(item.Size);
            if (ToEntry(item) is not { } entry)
                continue;
            entry.Write(writer);
            if (writer.Length >= CopyBytes / 2 || entry.Length > 0)
            {
                await call.SendDataAsync(writer.WrittenMemory, cancellationToken).ConfigureAwait(false);
                writer.Clear();
            }

            while (!call.Over && tar.Read(buffer) is > 0 and var count)
                await call.SendDataAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }

        await call.SendDataAsync(writer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await call.EndDataAsync(cancellationToken).ConfigureAwait(false);
    }

    private static SandboxTreeLimits Checked(SandboxTreeLimits? limits)
    {
        limits ??= new SandboxTreeLimits();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limits.Entries, nameof(limits));
        ArgumentOutOfRangeException.ThrowIfNegative(limits.Bytes, nameof(limits));
        return limits;
    }

    private static GnuTarEntry ToTar(TreeEntry entry, GuestTree tree)
    {
        var tar = entry.Kind switch
        {
            TreeKind.Folder => new GnuTarEntry(TarEntryType.Directory, entry.Path + "/"),
            TreeKind.Link => new GnuTarEntry(TarEntryType.SymbolicLink, entry.Path) { LinkName = entry.Target.Length > 0 ? entry.Target : throw new ProtocolException("a link points nowhere") },
            TreeKind.HardLink => throw new ProtocolException("the guest sends no second names"),
            _ => new GnuTarEntry(TarEntryType.RegularFile, entry.Path),
        };
        if (entry is { Kind: TreeKind.File, Length: > 0 })
            tar.DataStream = new GuestTreeContent(tree, entry.Length);
        tar.Mode = (UnixFileMode)entry.Mode;
        tar.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(entry.ModifiedUnixSeconds, 0, 253_402_300_799));
        return tar;
    }

    // The archive may come from a stranger. Where its links lead is the guest's to refuse, which sees what is there.
    private static TreeEntry? ToEntry(TarItem item)
    {
        var names = Names(item.Name, item);
        if (names.Length == 0)
            return item.Kind == TarKind.Folder ? null : throw Refused(item, "would replace the folder itself");
        var (kind, target) = item.Kind switch
        {
            TarKind.File => (TreeKind.File, ""),
            TarKind.Folder => (TreeKind.Folder, ""),
            TarKind.SymbolicLink when item.LinkName.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(item.LinkName) <= MaxTargetBytes => (TreeKind.Link, item.LinkName),
            TarKind.SymbolicLink => throw Refused(item, "points to a path that cannot be"),
            TarKind.HardLink when Names(item.LinkName, item) is { Length: > 0 } origin => (TreeKind.HardLink, string.Join('/', origin)),
            TarKind.HardLink => throw Refused(item, "is a second name of nothing"),
            _ => throw Refused(item, "is neither a file, a folder nor a link"),
        };
        return new TreeEntry(string.Join('/', names), kind, target, item.Size, item.Modified, item.Mode & 0x1FF);
    }

    private static string[] Names(string path, TarItem item) => path.StartsWith('/') ? throw Refused(item, "has an absolute path") : RootFolder.Split(path);

    private static ImageFormatException Refused(TarItem item, string what) => new($"The archive is refused: entry \"{TarScanner.Shown(item.Name)}\" {what}.");

    private sealed class TreeBudget(string path, SandboxTreeLimits limits)
    {
        private long _bytes;
        private int _entries;

        internal void Take(long bytes)
        {
            if (++_entries > limits.Entries)
                throw new SandboxException($"What is carried at {path} has more than {limits.Entries} entries; raise SandboxTreeLimits.Entries if that is right.");
            if (bytes > limits.Bytes - _bytes)
                throw new SandboxException($"What is carried at {path} has more than {limits.Bytes} bytes; raise SandboxTreeLimits.Bytes if that is right.");
            _bytes += bytes;
        }
    }
}
