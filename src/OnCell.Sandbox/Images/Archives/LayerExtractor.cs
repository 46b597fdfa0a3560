namespace OnCell.Sandboxes.Images.Archives;

/// <summary>What may still be unpacked, over all layers of an image.</summary>
internal sealed class ImageBudget(ImageLimits limits)
{
    private long _bytes = limits.UnpackedBytes;
    private int _entries = limits.Entries;

    internal void TakeEntry()
    {
        if (--_entries < 0)
            throw new ImageFormatException($"The image has more than {limits.Entries} entries; raise ImageLimits.Entries if that is right.");
    }

    internal void TakeBytes(long count)
    {
        if ((_bytes -= count) < 0)
            throw new ImageFormatException($"The image has more than {limits.UnpackedBytes} bytes unpacked; raise ImageLimits.UnpackedBytes if that is right.");
    }
}

/// <summary>Unpacks the layers of an image over each other.</summary>
/// <remarks>
/// Set-user and set-group bits, extended attributes (capabilities of files) and device nodes stay behind: a cell has no use
/// of them, and the folder lies on the host. See <see href="https://github.com/opencontainers/image-spec/blob/main/layer.md">the layer format</see>.
/// </remarks>
internal sealed class LayerExtractor(RootFolder root, ImageBudget budget)
{
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";
    private const string Reserved = ".wh..wh.";
    private const int PermissionsAndSticky = 0b001_111_111_111;
    private const int MaxLinkBytes = 4095;

    private readonly byte[] _buffer = new byte[128 << 10];

    /// <summary>Unpacks one layer.</summary>
    /// <exception cref="ImageFormatException">It is damaged or hostile.</exception>
    internal void Apply(Stream layer, CancellationToken cancellationToken)
    {
        var tar = new TarScanner(layer);
        var made = new HashSet<string>(StringComparer.Ordinal); // opaque folders hide what is below, not what this layer brings
        var folders = new List<(string[] Names, TarItem Item)>();
        while (tar.Next() is { } item)
        {
            cancellationToken.ThrowIfCancellationRequested();
            budget.TakeEntry();
            var names = RootFolder.Split(item.Name);
            if (names.Length == 0)
            {
                if (item.Kind != TarKind.Folder)
                    throw Hostile(item, "would replace the root itself");
                continue;
            }

            if (names[^1].StartsWith(Whiteout, StringComparison.Ordinal))
            {
                Hide(item, names, made);
                continue;
            }

            for (var depth = 1; depth <= names.Length; depth++)
                made.Add(string.Join('/', names[..depth]));
            Make(tar, item, names);
            if (item.Kind == TarKind.Folder)
                folders.Add((names, item));
        }

        // Last, as writing into a folder changes its time.
        foreach (var (names, item) in Enumerable.Reverse(folders))
        {
            using var parent = root.OpenParent(names);
            if (RootFolder.Kind(parent, names[^1]) == EntryKind.Folder)
                RootFolder.SetMetadata(parent, names[^1], item);
        }
    }

    private void Make(TarScanner tar, TarItem item, string[] names)
    {
        if (item.Kind == TarKind.Device)
        {
            if (names[0] == "dev")
                return; // a cell has a /dev of its own
            throw Hostile(item, "is a device");
        }

        using var parent = root.OpenParent(names);
        var name = names[^1];
        switch (item.Kind)
        {
            case TarKind.Folder:
                RootFolder.MakeFolder(parent, name);
                return; // its metadata comes last
            case TarKind.File:
                RootFolder.Remove(parent, name);
                WriteFile(tar, parent, name);
                break;
            case TarKind.SymbolicLink:
                if (item.LinkName.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(item.LinkName) > MaxLinkBytes)
                    throw Hostile(item, "points to a path that cannot be");
                RootFolder.MakeLink(parent, name, item.LinkName);
                break;
            case TarKind.Fifo:
                RootFolder.MakeFifo(parent, name);
                break;
            case TarKind.HardLink:
                root.MakeHardLink(parent, name, RootFolder.Split(item.LinkName));
                return; // it shares the metadata of the other
        }

        RootFolder.SetMetadata(parent, name, item with { Mode = item.Mode & PermissionsAndSticky });
    }

    private void WriteFile(TarScanner tar, Microsoft.Win32.SafeHandles.SafeFileHandle parent, string name)
    {
        using var file = RootFolder.CreateFile(parent, name);
        for (var offset = 0L; tar.Read(_buffer) is > 0 and var count; offset += count)
        {
            budget.TakeBytes(count);
            RandomAccess.Write(file, _buffer.AsSpan(0, count), offset);
        }
    }

    private void Hide(TarItem item, string[] names, HashSet<string> made)
    {
        if (names[^1] == Opaque)
        {
            var folder = names[..^1];
            using var opened = root.OpenFolder(folder);
            if (opened is null)
                return; // a folder that this layer brings later, and nothing is below it
            HideBelow(opened, string.Join('/', folder), made);
            return;
        }

        if (names[^1].StartsWith(Reserved, StringComparison.Ordinal))
            return; // aufs kept its own things under such names
        var hidden = names[^1][Whiteout.Length..];
        if (hidden is "" or "." or "..")
            throw Hostile(item, "is a whiteout of nothing that can be");
        using var parent = root.OpenFolder(names[..^1]);
        if (parent is null)
            return;
        if (!made.Contains(string.Join('/', [.. names[..^1], hidden])))
            RootFolder.Remove(parent, hidden);
    }

    private static void HideBelow(Microsoft.Win32.SafeHandles.SafeFileHandle folder, string path, HashSet<string> made)
    {
        foreach (var name in RootFolder.Names(folder))
        {
            var below = path.Length == 0 ? name : $"{path}/{name}";
            if (!made.Contains(below))
            {
                RootFolder.Remove(folder, name);
            }
            else if (RootFolder.Kind(folder, name) == EntryKind.Folder)
            {
                using var opened = RootFolder.OpenOwn(folder, name);
                HideBelow(opened, below, made);
            }
        }
    }

    private static ImageFormatException Hostile(TarItem item, string what) =>
        new($"The image is refused: entry \"{TarScanner.Shown(item.Name)}\" {what}.");
}
