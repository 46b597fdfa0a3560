namespace OnCell.Sandboxes.Images.Archives;

/// <summary>The files of an image as it was saved: of a folder, or of a tar archive.</summary>
internal interface IBlobSource : IDisposable
{
    /// <summary>Opens a file; <see langword="null"/> where there is none of that name.</summary>
    Stream? Open(string name);
}

/// <summary>An OCI layout as a folder.</summary>
internal sealed class FolderSource(string folder) : IBlobSource
{
    // Names come from the image's own index: digests are checked before they become names, and links are not followed.
    public Stream? Open(string name)
    {
        var file = new FileInfo(Path.Combine(folder, name));
        return file is { Exists: true, LinkTarget: null } ? file.OpenRead() : null;
    }

    public void Dispose()
    {
        // no file is kept open
    }
}

/// <summary>A tar archive, whose files are read where they lie.</summary>
internal sealed class ArchiveSource : IBlobSource
{
    private const int MaxFiles = 4096;
    private const int MaxLinks = 8;

    private readonly FileStream _archive;
    private readonly Dictionary<string, (long Offset, long Size)> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    /// <param name="archive">The archive, decompressed; it is closed at the end.</param>
    internal ArchiveSource(FileStream archive)
    {
        _archive = archive;
        var tar = new TarScanner(archive);
        while (tar.Next() is { } item)
        {
            if (_files.Count + _links.Count >= MaxFiles)
                throw new ImageFormatException($"The archive has more than {MaxFiles} files: is it a root file system and no image?");
            var name = string.Join('/', RootFolder.Split(item.Name));
            if (item.Kind == TarKind.File)
                _files[name] = (tar.Position, item.Size);
            else if (item.Kind is TarKind.SymbolicLink or TarKind.HardLink)
                _links[name] = Resolve(item, name);
        }
    }

    public Stream? Open(string name)
    {
        for (var links = 0; links < MaxLinks && _links.TryGetValue(name, out var target); links++)
            name = target;
        return _files.TryGetValue(name, out var place) ? new FilePart(_archive.SafeFileHandle, place.Offset, place.Size) : null;
    }

    public void Dispose() => _archive.Dispose();

    // Old versions of Docker save a layer that comes twice as a link: "../<id>/layer.tar". It is a name here and nothing else.
    private static string Resolve(TarItem item, string name)
    {
        var parts = new List<string>(item.Kind == TarKind.HardLink ? [] : name.Split('/')[..^1]);
        foreach (var part in item.LinkName.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part == "..")
                throw new ImageFormatException($"The archive has a link that leads out of it: \"{TarScanner.Shown(item.Name)}\".");
            else if (part != ".")
                parts.Add(part);
        }

        return string.Join('/', parts);
    }
}
