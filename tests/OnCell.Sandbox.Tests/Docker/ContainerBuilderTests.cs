using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Docker;
using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandbox.Tests.Docker;

public sealed class ContainerBuilderTests
{
    private static readonly SandboxSpec Spec = CellLab.Spec("cell", "/data", "/image") with
    {
        Resources = new SandboxResources { Cpus = 1.5, MemoryBytes = 512 << 20, Pids = 300 },
        Environment = new Dictionary<string, string> { ["A"] = "b" },
    };

    [Fact]
    public void A_container_is_held_by_the_same_policy_as_a_sandbox_of_runsc()
    {
        var paths = new SandboxPaths("/r", "/v/work", "/v/tmp", "/v/guest", "/g", "/s");
        var container = ContainerBuilder.Build(Spec, paths, [], new ContainerIdentity("name", "image", "runsc", true, "label"));
        var host = container.HostConfig!;

        Assert.Equal(["ALL"], host.CapDrop);
        Assert.Equal(SandboxPolicy.Capabilities, host.CapAdd);
        Assert.Equal(["no-new-privileges"], host.SecurityOpt);
        Assert.True(host.ReadonlyRootfs);
        Assert.False(host.Privileged);
        Assert.Equal("none", host.NetworkMode);
        Assert.Equal(SandboxPolicy.MaskedPaths, host.MaskedPaths);
        Assert.Equal(SandboxPolicy.ReadonlyPaths, host.ReadonlyPaths);
        Assert.Equal(150_000, host.CPUQuota);
        Assert.Equal(100_000, host.CPUPeriod);
        Assert.Equal(512 << 20, host.Memory);
        Assert.Equal(host.Memory, host.MemorySwap);
        Assert.Equal(300, host.PidsLimit);
        Assert.Equal("runsc", host.Runtime);
        Assert.Null(host.Devices);
        Assert.Equal(["/work", "/tmp", "/var/lib/oncell", "/run/oncell", "/oncell/oncell-guest", "/sys/fs/cgroup"], host.Mounts!.Select(m => m.Target));
        Assert.Equal(["/run/oncell", "/oncell/oncell-guest", "/sys/fs/cgroup"], host.Mounts!.Where(m => m.ReadOnly == true).Select(m => m.Target));
        Assert.Contains("A=b", container.Env!);
        Assert.Equal("cell", container.Labels![ContainerBuilder.SandboxLabel]);
    }

    [Fact]
    public void Only_arguments_that_leave_a_cell_closed_are_accepted()
    {
        var right = SandboxPolicy.RunscArguments("systrap");
        Assert.Empty(GvisorRegistration.Faults(right));
        Assert.Empty(GvisorRegistration.Faults([.. right, "--debug", "-debug-log=/tmp/x/"]));
        Assert.All(
            (string[])["--network=host", "--host-uds=all", "--overlay2=all:memory", "--rootless", "--ignore-cgroups", "--TESTONLY-unsafe-nonroot", "--nvproxy", "--new-flag=1"],
            argument => Assert.NotEmpty(GvisorRegistration.Faults([.. right, argument])));
        foreach (var name in (string[])["--network=none", "--host-uds=open", "--overlay2=none"])
            Assert.NotEmpty(GvisorRegistration.Faults(right.Where(argument => argument != name)));
    }

    [Theory]
    [InlineData("tcp://127.0.0.1:2375", "runsc", "/run/x", "not a Unix socket")]
    [InlineData("unix:///s", "", "/run/x", "Runtime is empty")]
    [InlineData("unix:///s", "runsc", "run", "not an absolute path")]
    [InlineData("unix:///s", "runsc", "/run/a:b", "mount options")]
    public void Options_that_cannot_be_used_are_refused_at_once(string endpoint, string name, string root, string reason)
    {
        var error = Assert.Throws<ArgumentException>(
            () => new DockerRuntime(new DockerOptions { Endpoint = new Uri(endpoint), Runtime = name, RuntimeRoot = root }));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
