using OnCell.Sandboxes;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandbox.Tests.Host;

public sealed class HostGpusTests
{
    [Theory]
    [InlineData("L4", "L4")]
    [InlineData("a10g", "A10G")]
    [InlineData("2xL4", "2xL4")]
    public void A_request_is_read(string text, string read) => Assert.Equal(read, GpuRequest.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("L5")]
    [InlineData("0xL4")]
    [InlineData("99xL4")]
    [InlineData("L4 --privileged")]
    public void What_is_no_gpu_is_refused(string text) => Assert.Throws<ArgumentException>(() => GpuRequest.Parse(text));

    [Fact]
    public void Devices_are_chosen_by_the_names_that_the_driver_tells()
    {
        using var driver = new TemporaryFolder();
        foreach (var (slot, model, minor) in ((string, string, int)[])[("0000:01:00.0", "NVIDIA L4", 0), ("0000:02:00.0", "NVIDIA A100-SXM4-80GB", 1), ("0000:03:00.0", "NVIDIA L40S", 2)])
        {
            Directory.CreateDirectory(driver[slot]);
            File.WriteAllText(driver[slot + "/information"], $"Model: \t\t {model}\nIRQ:   \t\t 1\nDevice Minor: \t {minor}\n");
        }

        var gpus = HostGpus.Read(driver.Path);
        Assert.Equal([0], HostGpus.Choose(GpuRequest.Parse("L4"), gpus).Select(g => g.Minor));
        Assert.Equal([1], HostGpus.Choose(GpuRequest.Parse("A100"), gpus).Select(g => g.Minor));
        var error = Assert.Throws<SandboxException>(() => HostGpus.Choose(GpuRequest.Parse("2xL4"), gpus));
        Assert.Contains("NVIDIA L40S", error.Message, StringComparison.Ordinal);
        Assert.Contains("no NVIDIA GPU", Assert.Throws<SandboxException>(() => HostGpus.Choose(GpuRequest.Parse("L4"), [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_configuration_names_the_devices_and_no_other()
    {
        var spec = new SandboxSpec { Id = new SandboxId("a"), Folder = "/d", RootFileSystem = "/r" };
        var paths = new SandboxPaths("/r", "/w", "/t", "/g", "/p", "/s");
        var config = OciSpecBuilder.Build(spec, paths, "/c", [new HostDevice("/dev/nvidiactl", 195, 255)]);
        var device = Assert.Single(config["linux"]!["devices"]!.AsArray());
        Assert.Equal(("/dev/nvidiactl", 195, 255), ((string)device!["path"]!, (int)device["major"]!, (int)device["minor"]!));
        Assert.Empty(OciSpecBuilder.Build(spec, paths, "/c")["linux"]!["devices"]!.AsArray());
        Assert.Equal((1, 3), Libc.DeviceNumber("/dev/null"));
        Assert.Null(Libc.DeviceNumber("/dev/no-such"));
    }
}
