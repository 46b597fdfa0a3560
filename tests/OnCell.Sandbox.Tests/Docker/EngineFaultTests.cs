using System.Net.Sockets;
using Docker.DotNet;
using Docker.DotNet.Models;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Docker;

/// <summary>Starts that fail: by the engine's fault, or by the guest's. Each says why and leaves nothing.</summary>
public sealed class EngineFaultTests(SharedEngine shared)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_engine_that_is_away_or_hangs_is_a_clear_error()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await using (var away = lab.NewRuntime(o => o.Endpoint = new Uri("unix://" + lab.DataRoot + "/none.sock")))
        {
            var error = await Assert.ThrowsAsync<SandboxException>(() => away.StartAsync(lab.Spec(), Cancellation));
            Assert.Contains("Is dockerd running", error.Message, StringComparison.Ordinal);
            Assert.Contains(
                "docker.io", (await away.ProbeAsync(Cancellation)).Requirements.Single(r => r.Name == "Docker engine").Fix, StringComparison.Ordinal);
        }

        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(lab.DataRoot + "/silent.sock"));
        silent.Listen();
        await using var hanging = lab.NewRuntime(o =>
        {
            o.Endpoint = new Uri("unix://" + lab.DataRoot + "/silent.sock");
            o.CommandTimeout = TimeSpan.FromMilliseconds(300);
        });
        foreach (var call in (Func<Task>[])[() => hanging.StartAsync(lab.Spec(), Cancellation), () => hanging.DestroyAsync(lab.Spec().Id, Cancellation), () => hanging.ListAsync(Cancellation)])
        {
            var error = await Assert.ThrowsAsync<SandboxException>(call);
            Assert.Contains("it hangs or is overloaded", error.Message, StringComparison.Ordinal);
        }

        Assert.False((await hanging.ProbeAsync(Cancellation)).Ok);
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task What_no_container_can_give_is_refused_before_anything_is_made()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await RefusedAsync(lab.Spec() with { Gpu = GpuRequest.Parse("L4") }, "L4");
        await RefusedAsync(lab.Spec() with { RootFileSystem = lab.DataRoot + "/none" }, "not an existing folder");
        await RefusedAsync(lab.Spec() with { Resources = new SandboxResources { StorageBytes = 1 << 20 } }, "too little: the least is 64 MiB");
        await RefusedAsync(lab.Spec() with { Resources = new SandboxResources { Cpus = -1, MemoryBytes = 1 } }, "gVisor itself needs 128 MiB");
        await RefusedAsync(lab.Spec() with { Folder = lab.DataRoot + "/a,b" }, "mount options cannot carry");
        Assert.Empty(Directory.GetFileSystemEntries(lab.DataRoot));

        async Task RefusedAsync(SandboxSpec spec, string reason)
        {
            var error = await Assert.ThrowsAnyAsync<SandboxException>(() => lab.Runtime.StartAsync(spec, Cancellation));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.Empty(lab.Traces());
        }
    }

    [Fact]
    public async Task A_guest_that_cannot_run_is_a_clear_error_and_leaves_nothing()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await using var runtime = lab.NewRuntime(o => o.GuestPath = "/etc/hostname");
        await Assert.ThrowsAnyAsync<SandboxException>(() => runtime.StartAsync(lab.Spec(), Cancellation));
        Assert.Empty(lab.Traces());
        using var client = lab.NewClient();
        for (var deadline = Environment.TickCount64 + 30_000; await OrphansAsync(client) is { Count: > 0 } orphans;)
        {
            Assert.True(Environment.TickCount64 < deadline, $"containerd's shims without a container: {string.Join(", ", orphans)}");
            await Task.Delay(20, Cancellation); // a shim of another test ends a moment after its container is gone
        }

        // Shims first: a container that ends in between is looked at again.
        async Task<IReadOnlyList<string>> OrphansAsync(DockerClient engine)
        {
            var shims = lab.Engine.ShimContainers();
            var containers = await engine.Containers.ListContainersAsync(new ContainersListParameters { All = true }, Cancellation);
            return [.. shims.Except(containers.Select(c => c.ID))];
        }
    }
}
