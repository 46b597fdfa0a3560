using OnCell.Sandboxes.Host;

namespace OnCell.Sandbox.Tests.Host;

public sealed class MountTableTests
{
    [Fact]
    public void Reads_targets_types_and_options_and_undoes_the_kernels_escapes()
    {
        const string text = """
            36 35 98:0 /mnt1 /mnt/parent rw,noatime master:1 - ext3 /dev/root rw,errors=continue
            40 35 7:1 / /a\040b\011c\134d rw shared:2 master:3 - overlay overlay rw,upperdir=/x\040y
            broken line
            """;

        var mounts = MountTable.Parse(text);

        Assert.Equal(
            [
                new MountEntry("/mnt/parent", "ext3", "/dev/root", "rw,errors=continue"),
                new MountEntry("/a b\tc\\d", "overlay", "overlay", "rw,upperdir=/x y"),
            ],
            mounts);
    }

    [Fact]
    public void Sees_this_hosts_mounts()
    {
        Assert.True(MountTable.IsMounted("/proc"));
        Assert.False(MountTable.IsMounted("/proc/self"));
    }
}
