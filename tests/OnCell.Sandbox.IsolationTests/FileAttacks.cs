using System.Text;
using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.IsolationTests;

/// <summary>Attacks on files: the host's, the neighbour's, and those that the cell may only read.</summary>
[Collection(CellPair.Collection)]
public class FileAttacks(CellPair cells)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_neighbours_files_and_the_hosts_are_nowhere_in_the_cell()
    {
        var found = await CellLab.ShellAsync(
            cells.Attacker, $"grep -rIls {CellPair.Secret} /work /root /home /tmp /var /run /mnt /media /opt /srv /etc 2>/dev/null || true");
        Assert.Empty(found);
        await cells.MustFailAsync($"ls {cells.Lab.DataRoot}");
        await cells.MustFailAsync($"ls {cells.Lab.RuntimeRoot}");
        await cells.MustFailAsync($"cat {cells.Neighbour.WorkFolder}/secret");
    }

    [Theory]
    [InlineData("/work/../../../../../../../..")]
    [InlineData("/proc/1/root")]
    [InlineData("/proc/self/root/../..")]
    [InlineData("/proc/1/cwd/..")]
    public async Task No_path_leads_above_the_cells_own_root(string path) =>
        Assert.Equal("cell", await cells.PythonAsync(
            $"""
            try: print(open('{path}/etc/hostname').read())
            except PermissionError: print('cell')
            """));

    [Fact]
    public async Task The_mounts_of_the_cell_name_no_path_of_the_host()
    {
        var mounts = await CellLab.ShellAsync(cells.Attacker, "cat /proc/mounts /proc/self/mountinfo");
        Assert.DoesNotContain(cells.Lab.DataRoot, mounts, StringComparison.Ordinal);
        Assert.DoesNotContain(cells.Lab.RuntimeRoot, mounts, StringComparison.Ordinal);
        Assert.DoesNotContain(cells.Lab.RootFileSystem, mounts, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo x > /oncell/oncell-guest")]
    [InlineData("rm /oncell/oncell-guest")]
    [InlineData("mv /oncell/oncell-guest /oncell/other")]
    [InlineData("chmod 777 /oncell/oncell-guest")]
    [InlineData("touch /run/oncell/file")]
    [InlineData("rm /run/oncell/egress.sock")]
    [InlineData("mv /run/oncell/control.sock /run/oncell/x")]
    [InlineData("ln /oncell/oncell-guest /work/guest")]
    [InlineData("mount -o remount,rw /run/oncell && touch /run/oncell/file")]
    [InlineData("umount /oncell/oncell-guest")]
    [InlineData("mv /work /elsewhere")]
    [InlineData("rmdir /work")]
    [InlineData("mv /tmp /elsewhere && ln -s /etc /tmp")]
    public async Task What_is_the_hosts_cannot_be_changed(string line)
    {
        await cells.MustFailAsync(line);
        Assert.Equal("1\n", await CellLab.ShellAsync(cells.Attacker, "echo 1"));
        Assert.Equal(
            ["control.sock", "credential.sock", "egress.sock"],
            Directory.GetFiles($"{cells.Lab.RuntimeRoot}/attacker/sock").Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("mknod /work/disk b 254 0")]
    [InlineData("mknod /work/loop b 7 0")]
    [InlineData("mknod /work/memory c 1 1")]
    [InlineData("mknod /dev/kmsg2 c 1 11; cat /dev/kmsg2")]
    [InlineData("cat /dev/mem")]
    [InlineData("cat /dev/vda")]
    [InlineData("cat /dev/loop0")]
    [InlineData("cat /dev/kmsg")]
    public async Task There_are_no_devices_and_none_can_be_made(string line) => await cells.MustFailAsync(line);

    [Fact]
    public async Task A_set_uid_program_of_the_cell_has_no_effect_on_the_host()
    {
        await CellLab.ShellAsync(cells.Attacker, "cp /bin/true /work/suid && chmod 4755 /work/suid && cp /work/suid /usr/local/bin/suid");
        var mounts = await File.ReadAllLinesAsync("/proc/self/mountinfo", Cancellation);
        string[] named = [.. mounts.Where(m => m.Contains($"{cells.Lab.DataRoot}/attacker/", StringComparison.Ordinal) || m.Contains($"{cells.Lab.RuntimeRoot}/attacker/", StringComparison.Ordinal))];
        Assert.Contains(named, m => m.Contains(" - ext4 ", StringComparison.Ordinal));
        Assert.Contains(named, m => m.Contains(" - overlay ", StringComparison.Ordinal));
        var devices = named.Select(DeviceOf).ToHashSet();
        string[] ours = [.. mounts.Where(m => devices.Contains(DeviceOf(m)) && (named.Contains(m) || m.Contains(cells.Lab.RuntimeRoot, StringComparison.Ordinal)))];
        Assert.All(ours, mount => Assert.Contains("nosuid,nodev", mount, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../../../../etc/hostname")]
    [InlineData("/work/../etc/hostname")]
    [InlineData("link-to-hostname")]
    [InlineData("link-to-root/etc/hostname")]
    [InlineData("link-by-proc/etc/hostname")]
    public async Task The_files_api_stays_in_the_cell(string path)
    {
        await CellLab.ShellAsync(
            cells.Attacker,
            "ln -sfn /etc/hostname /work/link-to-hostname; ln -sfn ../../../.. /work/link-to-root; ln -sfn /proc/1/root /work/link-by-proc");
        Assert.Equal("cell\n", Encoding.UTF8.GetString(await cells.Attacker.Files.ReadAsync(path, 1000, Cancellation)));
    }

    [Fact]
    public async Task Writing_through_a_link_lands_in_the_cell()
    {
        using var host = new OnCell.Sandbox.Tests.TemporaryFolder();
        await CellLab.ShellAsync(cells.Attacker, $"ln -sfn {host.Path} /work/out");
        await Record.ExceptionAsync(() => cells.Attacker.Files.WriteAsync("/work/out/planted", "x"u8.ToArray(), 0x1A4, Cancellation));
        Assert.Empty(Directory.GetFileSystemEntries(host.Path));
    }

    [Fact]
    public async Task Swapping_folder_and_link_while_the_files_api_looks_gains_nothing()
    {
        await CellLab.ShellAsync(cells.Attacker, "mkdir -p /work/race/real && echo cell > /work/race/real/hostname && ln -s /etc /work/race/link");
        var swapper = ExecSpec.Shell("cd /work/race; while [ ! -e stop ]; do mv -T real d; mv -T d real; mv -T link d; mv -T d link; done");
        await using var swapping = await cells.Attacker.StartExecAsync(swapper, Cancellation);
        var read = 0;
        for (var i = 0; i < 300; i++)
        {
            try
            {
                var text = await cells.Attacker.Files.ReadAsync("/work/race/d/hostname", 1000, Cancellation);
                Assert.Equal("cell\n", Encoding.UTF8.GetString(text));
                read++;
            }
            catch (Exception error) when (error is FileNotFoundException or SandboxException)
            {
                // the name was away at that moment
            }
        }

        await cells.Attacker.Files.WriteAsync("/work/race/stop", default, 0x1A4, Cancellation);
        await swapping.WaitAsync(null, Cancellation);
        Assert.InRange(read, 0, 300);
    }

    private static string DeviceOf(string mount) => mount.Split(' ')[2];
}
