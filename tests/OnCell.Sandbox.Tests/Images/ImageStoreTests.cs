using OnCell.Sandboxes;
using OnCell.Sandboxes.Images;

namespace OnCell.Sandbox.Tests.Images;

public sealed class ImageStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Builds_once_by_inputs_and_the_image_is_a_whole_system()
    {
        var store = new ImageStore(new ImageStoreOptions());
        var image = await store.GetAsync(new ImageSpec { Packages = ["python3", "git"] }, cancellationToken: Cancellation);
        var again = await store.GetAsync(new ImageSpec { Packages = ["git", "python3", "git"] }, new Never(), Cancellation);

        Assert.Equal(image.RootFileSystem, again.RootFileSystem);
        Assert.Equal(["ca-certificates", "git", "python3"], image.Packages);
        Assert.True(File.Exists(image.RootFileSystem + "/usr/bin/git"));
        Assert.True(File.Exists(image.RootFileSystem + "/etc/ssl/certs/ca-certificates.crt"));
        Assert.Empty(await File.ReadAllTextAsync(image.RootFileSystem + "/etc/resolv.conf", Cancellation));
        Assert.Contains(await store.ListAsync(Cancellation), i => i.Digest == image.Digest);
    }

    [Fact]
    public async Task Several_that_share_a_folder_ask_for_packages_one_after_the_other()
    {
        using var folder = new TemporaryFolder();
        var errors = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Assert.ThrowsAsync<SandboxException>(
            () => new ImageStore(new ImageStoreOptions { Folder = folder.Path })
                .GetAsync(new ImageSpec { Packages = ["pyton3"] }, cancellationToken: Cancellation))));

        Assert.All(errors, error => Assert.Contains("has no package", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_package_is_an_error_with_near_matches_before_anything_is_built()
    {
        using var folder = new TemporaryFolder();
        var store = new ImageStore(new ImageStoreOptions { Folder = folder.Path });

        var error = await Assert.ThrowsAsync<SandboxException>(
            () => store.GetAsync(new ImageSpec { Packages = ["git", "pyton3"] }, cancellationToken: Cancellation));

        Assert.Contains("\"pyton3\" (near: python3", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\"git\"", error.Message, StringComparison.Ordinal);
        Assert.Empty(await store.ListAsync(Cancellation));
        Assert.Equal([".catalog-" + SuiteOf(folder)], Directory.GetDirectories(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_cancelled_build_leaves_nothing_half_made()
    {
        using var folder = new TemporaryFolder();
        var store = new ImageStore(new ImageStoreOptions { Folder = folder.Path });
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var progress = new CancelAt(cancel, "download");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => store.GetAsync(new ImageSpec { Packages = ["git"] }, progress, cancel.Token));

        Assert.Empty(await store.ListAsync(Cancellation));
        Assert.Equal([".catalog-" + SuiteOf(folder)], Directory.GetDirectories(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Prune_keeps_what_is_in_use()
    {
        using var folder = new TemporaryFolder();
        var store = new ImageStore(new ImageStoreOptions { Folder = folder.Path });
        foreach (var digest in (string[])["aaaa", "bbbb"])
        {
            Directory.CreateDirectory(folder[digest] + "/rootfs/etc");
            await File.WriteAllTextAsync(folder[digest] + "/image.json", """{"Suite":"test","Packages":["x"]}""", Cancellation);
        }

        var removed = await store.PruneAsync(new HashSet<string> { "bbbb" }, Cancellation);

        Assert.Equal(["aaaa"], removed.Select(i => i.Digest));
        Assert.Equal(["bbbb"], (await store.ListAsync(Cancellation)).Select(i => i.Digest));
        Assert.False(Directory.Exists(folder["aaaa"]));
    }

    [Fact]
    public async Task Prune_by_age_keeps_what_was_asked_for_lately_and_notes_what_is_in_use()
    {
        using var folder = new TemporaryFolder();
        var store = new ImageStore(new ImageStoreOptions { Folder = folder.Path });
        foreach (var (digest, hours) in (ReadOnlySpan<(string, int)>)[("old", 30), ("used", 30), ("fresh", 20)])
        {
            Directory.CreateDirectory(folder[digest] + "/rootfs");
            File.WriteAllText(folder[digest] + "/image.json", """{"Suite":"test","Packages":["x"]}""");
            File.SetLastWriteTimeUtc(folder[digest] + "/image.json", DateTime.UtcNow.AddHours(-hours));
        }

        Directory.CreateDirectory(folder[".building-removed"] + "/rootfs"); // left by one that was killed
        Assert.Equal(["old"], (await store.PruneAsync(new HashSet<string> { "used" }, TimeSpan.FromDays(1), Cancellation)).Select(i => i.Digest));
        Assert.Equal([".lock", "fresh", "used"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(await store.PruneAsync(new HashSet<string>(), TimeSpan.FromHours(25), Cancellation)); // another service's look at the folder
        Assert.Equal(["fresh"], (await store.PruneAsync(new HashSet<string>(), TimeSpan.FromHours(10), Cancellation)).Select(i => i.Digest));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.PruneAsync(new HashSet<string>(), TimeSpan.FromTicks(-1), Cancellation));
    }

    private static string SuiteOf(TemporaryFolder folder) =>
        Path.GetFileName(Directory.GetDirectories(folder.Path, ".catalog-*").Single())[".catalog-".Length..];

    private sealed class Never : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) => Assert.Fail($"built again: {value.Message}");
    }

    private sealed class CancelAt(CancellationTokenSource cancel, string word) : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value)
        {
            if (value.Phase == "build" && value.Message.Contains(word, StringComparison.OrdinalIgnoreCase))
                cancel.Cancel();
        }
    }
}
