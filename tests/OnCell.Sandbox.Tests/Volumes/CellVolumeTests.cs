using OnCell.Sandboxes;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Volumes;

namespace OnCell.Sandbox.Tests.Volumes;

public sealed class CellVolumeTests
{
    private const long Size = 128L << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mounts_once_keeps_files_and_frees_its_loop_device()
    {
        using var folder = new TemporaryFolder();
        var volume = new CellVolume(folder["cell"], new VolumeOptions());
        await volume.MountAsync(Size, Cancellation);
        await volume.MountAsync(Size, Cancellation);
        Assert.Single(MountTable.Read(), m => m.Target == volume.MountPoint);
        await File.WriteAllTextAsync(Path.Combine(volume.Work, "kept"), "yes", Cancellation);

        await volume.UnmountAsync(Cancellation);
        await volume.UnmountAsync(Cancellation);
        Assert.False(MountTable.IsMounted(volume.MountPoint));
        Assert.Empty(LoopDevicesOf(volume.ImagePath));

        await volume.MountAsync(Size, Cancellation);
        Assert.Equal("yes", await File.ReadAllTextAsync(Path.Combine(volume.Work, "kept"), Cancellation));
        await volume.UnmountAsync(Cancellation);
    }

    [Fact]
    public async Task Is_sparse_capped_and_closed_to_everyone_but_root()
    {
        using var folder = new TemporaryFolder();
        var volume = new CellVolume(folder["cell"], new VolumeOptions());
        await volume.MountAsync(Size, Cancellation);
        try
        {
            Assert.Equal(Size, new FileInfo(volume.ImagePath).Length);
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder["cell"]));
            var mount = Assert.Single(await File.ReadAllLinesAsync("/proc/self/mountinfo", Cancellation), l => l.Contains(volume.MountPoint, StringComparison.Ordinal));
            Assert.Contains("nosuid", mount, StringComparison.Ordinal);
            Assert.Contains("nodev", mount, StringComparison.Ordinal);

            var full = Assert.Throws<IOException>(() =>
            {
                using var file = File.Create(Path.Combine(volume.Work, "big"));
                var block = new byte[1 << 20];
                for (var i = 0; i < Size >> 20; i++)
                    file.Write(block);
            });
            Assert.Contains("No space left", full.Message, StringComparison.Ordinal);
        }
        finally
        {
            await volume.UnmountAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Refuses_to_promise_what_the_hosts_disk_has_not()
    {
        using var folder = new TemporaryFolder();
        var volume = new CellVolume(folder["cell"], new VolumeOptions { MinimumFreeBytes = long.MaxValue });

        var error = await Assert.ThrowsAsync<SandboxException>(() => volume.MountAsync(Size, Cancellation));

        Assert.Contains("kept in reserve", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder["cell"]));
    }

    [Fact]
    public async Task A_format_that_was_cut_short_leaves_nothing_under_the_name_that_counts()
    {
        using var folder = new TemporaryFolder();
        var volume = new CellVolume(folder["cell"], new VolumeOptions());
        Directory.CreateDirectory(folder["cell"]);
        await File.WriteAllTextAsync(volume.ImagePath + ".new-1234", "half", Cancellation);

        await volume.MountAsync(Size, Cancellation);

        Assert.Equal([volume.ImagePath], Directory.GetFiles(folder["cell"]));
        await volume.UnmountAsync(Cancellation);
    }

    internal static IEnumerable<string> LoopDevicesOf(string image) =>
        Directory.GetDirectories("/sys/block", "loop*")
            .Where(d => File.Exists(d + "/loop/backing_file") && File.ReadAllText(d + "/loop/backing_file").StartsWith(image, StringComparison.Ordinal));
}
