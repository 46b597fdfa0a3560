using System.Text;

namespace OnCell.Sandboxes.Images.Archives;

/// <summary>Makes a root file system of a saved image, aside; the store gives it its name once it is whole.</summary>
internal sealed class ImageImporter(ImageStoreOptions options, IProgress<ImageProgress>? progress)
{
    /// <summary>The name of the decompressed archive in the scratch folder.</summary>
    internal const string Decompressed = "archive.tar";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // What a cell mounts or is told by the host.
    private static readonly string[] MountPoints = ["proc", "sys", "dev", "tmp", "work", "oncell", "run/oncell", "var/lib/oncell"];

    private static readonly (string Path, string Text)[] Told =
        [("etc/resolv.conf", ""), ("etc/hostname", "cell\n"), ("etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")];

    /// <summary>Opens what was saved: a folder, or an archive, compressed by gzip, zstd or not.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="scratch">A folder for the decompressed archive.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal IBlobSource Open(string path, string scratch, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
            return new FolderSource(path);
        if (!File.Exists(path))
            throw new SandboxException($"There is no image {path}.");
        var file = File.OpenRead(path);
        var packed = new PeekStream(file);
        if (!Decompression.IsPacked(packed.Magic))
        {
            file.Position = 0;
            return new ArchiveSource(file);
        }

        progress?.Report(new ImageProgress("import", "decompressing the archive"));
        using (file)
        using (var plain = new CheckedStream(Decompression.Open(packed), "The decompressed archive", options.Limits.ArchiveBytes))
        {
            var unpacked = File.Create(Path.Combine(scratch, Decompressed));
            var buffer = new byte[128 << 10];
            while (plain.Read(buffer) is > 0 and var count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                unpacked.Write(buffer.AsSpan(0, count));
            }

            unpacked.Position = 0;
            return new ArchiveSource(unpacked);
        }
    }

    /// <summary>Unpacks all layers into a folder and makes it fit for cells.</summary>
    internal void Unpack(IBlobSource source, ImageContents image, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        using var root = new RootFolder(folder);
        var budget = new ImageBudget(options.Limits);
        var extractor = new LayerExtractor(root, budget);
        for (var i = 0; i < image.Layers.Count; i++)
        {
            progress?.Report(new ImageProgress("import", $"unpacking layer {i + 1} of {image.Layers.Count}"));
            Unpack(source, image.Layers[i], extractor, cancellationToken);
        }

        Finish(root);
    }

    /// <summary>Has the disk hold all of the folder's file system.</summary>
    internal static void Sync(string folder)
    {
        using var opened = new RootFolder(folder);
        opened.Sync();
    }

    private void Unpack(IBlobSource source, ImageLayer layer, LayerExtractor extractor, CancellationToken cancellationToken)
    {
        var name = ImageReader.CheckedName(layer.Name);
        using var packed = new CheckedStream(source.Open(name) ?? throw ImageReader.Missing(name), name, options.Limits.ArchiveBytes);
        using var peeked = new PeekStream(packed);
        using var unpacked = new CheckedStream(Decompression.Open(peeked), name, options.Limits.ArchiveBytes);
        extractor.Apply(unpacked, cancellationToken);
        unpacked.Require(layer.DiffId);
        if (layer.Digest is not null)
            packed.Require(layer.Digest);
    }

    private void Finish(RootFolder root)
    {
        foreach (var path in MountPoints)
        {
            var names = RootFolder.Split(path);
            using var parent = root.OpenParent(names);
            RootFolder.MakeFolder(parent, names[^1]);
        }

        foreach (var (path, text) in Told)
        {
            var names = RootFolder.Split(path);
            using var parent = root.OpenParent(names);
            RootFolder.Remove(parent, names[^1]);
            using (var file = RootFolder.CreateFile(parent, names[^1]))
                RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), 0);
            RootFolder.SetMetadata(parent, names[^1], new TarItem(path, TarKind.File, "", 0b110_100_100, 0, 0, 0, 0));
        }

        if (!root.HasFile("bin/sh"))
            progress?.Report(new ImageProgress("import", "the image has no /bin/sh: commands can be run in it, shell lines cannot"));
    }
}
