using System.Security.Cryptography;
using OnCell.Sandboxes.Images;

namespace OnCell.Sandbox.Tests.Images;

public sealed class ImageImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ImageStore Store => new(new ImageStoreOptions { Folder = _folder["images"] });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Layers_lie_over_each_other_with_whiteouts_links_modes_and_times()
    {
        var lower = new TarBuilder().Folder("usr").Folder("usr/bin").File("usr/bin/sh", "#!", 0b111_101_101).Link("bin", "usr/bin")
            .Folder("data").File("data/old", "old").File("data/gone", "gone").Folder("wiped").File("wiped/old", "old").Folder("wiped/sub").File("wiped/sub/old", "old")
            .Folder("tree").File("tree/leaf", "x").File("turned", "a file").End();
        var upper = new TarBuilder().File("bin/tool", "tool", 0b111_101_101).File("data/.wh.gone", "").HardLink("data/second", "data/old")
            .File("wiped/new", "new").File("wiped/.wh..wh..opq", "").File("tree/.wh..wh.plnk", "").File(".wh.tree", "").Folder("turned").File("turned/inside", "y").End();
        var archive = await SaveAsync(new SavedImage(lower, upper, upper).Docker());

        var image = await Store.ImportAsync(archive, null, Cancellation);

        var root = image.RootFileSystem;
        Assert.Equal("tool", await File.ReadAllTextAsync(root + "/usr/bin/tool", Cancellation)); // through the link of the layer below
        Assert.Equal("usr/bin", new FileInfo(root + "/bin").LinkTarget);
        Assert.Equal(["old", "second"], Names(root + "/data"));
        Assert.Equal("old", await File.ReadAllTextAsync(root + "/data/second", Cancellation));
        Assert.Equal(["new"], Names(root + "/wiped"));
        Assert.False(Directory.Exists(root + "/tree"));
        Assert.Equal(["inside"], Names(root + "/turned"));
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(root + "/usr/bin/tool"));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).UtcDateTime, File.GetLastWriteTimeUtc(root + "/usr"));
        Assert.Equal("cell\n", await File.ReadAllTextAsync(root + "/etc/hostname", Cancellation));
        foreach (var folder in (string[])["proc", "sys", "dev", "tmp", "work", "oncell", "run/oncell", "var/lib/oncell"])
            Assert.True(Directory.Exists($"{root}/{folder}"), folder);
    }

    [Fact]
    public async Task The_same_image_in_every_form_is_one_image_and_is_unpacked_once()
    {
        var saved = new SavedImage(new TarBuilder().File("hello", "world").End());
        var image = await Store.ImportAsync(await SaveAsync(saved.Docker()), null, Cancellation);
        var made = Directory.GetCreationTimeUtc(image.RootFileSystem);

        var layout = Directory.CreateDirectory(_folder["layout/blobs/sha256"]).Parent!.Parent!.FullName;
        foreach (var (name, content) in saved.Oci())
            await File.WriteAllBytesAsync($"{layout}/{name}", content, Cancellation);
        string[] forms =
        [
            await SaveAsync(SavedImage.Gzip(saved.Docker())), await SaveAsync(SavedImage.Tar(saved.Oci())), await SaveAsync(SavedImage.Gzip(SavedImage.Tar(saved.Oci()))), layout,
            await SaveAsync(SavedImage.Zstandard(saved.Docker())), await SaveAsync(SavedImage.Tar(saved.Oci(SavedImage.Zstandard))),
            await SaveAsync(SavedImage.Tar(saved.Oci(SavedImage.ZstandardInFrames))),
        ];
        foreach (var form in forms)
            Assert.Equal(image.RootFileSystem, (await Store.ImportAsync(form, null, Cancellation)).RootFileSystem);
        Assert.Equal(made, Directory.GetCreationTimeUtc(image.RootFileSystem));
        Assert.Equal(image.Digest, Assert.Single(await Store.ListAsync(Cancellation)).Digest);
        Assert.Equal([image.Digest], Names(_folder["images"]).Where(name => !name.StartsWith('.')));

        Assert.Empty(await Store.PruneAsync(new HashSet<string> { image.Digest }, Cancellation));
        Assert.Single(await Store.PruneAsync(new HashSet<string>(), Cancellation));
        Assert.Equal("world", await File.ReadAllTextAsync((await Store.ImportAsync(layout, null, Cancellation)).RootFileSystem + "/hello", Cancellation));
    }

    [Fact]
    public async Task Its_variables_are_kept_but_not_those_of_the_way_out()
    {
        var image = await Store.ImportAsync(await SaveAsync(new SavedImage(new TarBuilder().File("a", "").End()).Docker()), null, Cancellation);
        Assert.Equal(["PATH"], image.Environment.Keys);
        Assert.Equal("/opt/bin:/bin", Assert.Single(await Store.ListAsync(Cancellation)).Environment["PATH"]);
    }

    [Fact]
    public async Task Set_user_bits_and_device_nodes_of_dev_are_left_behind()
    {
        var layer = new TarBuilder().File("su", "x", 0b110_111_101_101).Folder("dev").Add('3', "dev/null").Folder("sticky", 0b001_111_111_111).End();
        var image = await Store.ImportAsync(await SaveAsync(new SavedImage(layer).Docker()), null, Cancellation);
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(image.RootFileSystem + "/su"));
        Assert.Equal((UnixFileMode)0b001_111_111_111, File.GetUnixFileMode(image.RootFileSystem + "/sticky"));
        Assert.Empty(Names(image.RootFileSystem + "/dev"));
    }

    [Fact]
    public async Task Another_process_that_makes_an_image_is_waited_for_and_what_it_left_is_removed()
    {
        Directory.CreateDirectory(_folder["images/.building-import/rootfs"]);
        var archive = await SaveAsync(new SavedImage(new TarBuilder().File("a", "").End()).Docker());
        Task<SandboxImage> import;
        using (await OnCell.Sandboxes.Images.FolderLock.TakeAsync(_folder["images"], TimeSpan.FromMinutes(1), Cancellation))
        {
            import = Store.ImportAsync(archive, null, Cancellation);
            Assert.NotEqual(import, await Task.WhenAny(import, Task.Delay(300, Cancellation)));
        }

        await import;
        Assert.False(Directory.Exists(_folder["images/.building-import"]));
    }

    [Fact]
    public async Task An_image_that_is_asked_for_while_it_is_pruned_is_there_for_who_asked()
    {
        var archive = await SaveAsync(new SavedImage(new TarBuilder().File("hello", "world").End()).Docker());
        var kept = 0;
        for (var round = 0; round < 40; round++)
        {
            var image = await Store.ImportAsync(archive, null, Cancellation);
            File.SetLastWriteTimeUtc(Path.GetDirectoryName(image.RootFileSystem) + "/image.json", DateTime.UtcNow.AddDays(-2));
            var pruned = Task.Run(() => Store.PruneAsync(new HashSet<string>(), TimeSpan.FromDays(1), Cancellation), Cancellation);
            image = await Store.ImportAsync(archive, null, Cancellation);
            kept += (await pruned).Count == 0 ? 1 : 0;
            Assert.Equal("world", await File.ReadAllTextAsync(image.RootFileSystem + "/hello", Cancellation));
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"kept {kept} times, made anew {40 - kept} times");
    }

    private async Task<string> SaveAsync(byte[] archive)
    {
        var path = _folder[$"{Convert.ToHexStringLower(SHA256.HashData(archive).AsSpan(0, 4))}.tar"];
        await File.WriteAllBytesAsync(path, archive, Cancellation);
        return path;
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
}
