using System.Diagnostics;
using System.Text;
using Docker.DotNet.Models;
using Microsoft.Extensions.Logging;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Images;

namespace OnCell.Sandbox.Tests.Docker;

public sealed class DockerRuntimeTests(SharedEngine shared)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Starts_runs_commands_stops_without_a_trace_and_wakes_with_all_files()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        var sandbox = await lab.StartAsync();
        Assert.Equal("hello\n", await DockerLab.ShellAsync(sandbox, "echo hello"));
        Assert.Contains("gVisor", await DockerLab.ShellAsync(sandbox, "dmesg"), StringComparison.Ordinal);
        await sandbox.Files.WriteAsync("notes.txt", "kept"u8.ToArray(), 0x1A4, Cancellation);
        await DockerLab.ShellAsync(sandbox, "echo '#!/bin/sh\necho installed' > /usr/local/bin/tool && chmod +x /usr/local/bin/tool");
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(sandbox.WorkFolder, "notes.txt"), Cancellation));
        await sandbox.StopAsync(Cancellation);
        Assert.Empty(lab.Traces());
        Assert.False(File.Exists(Path.Combine(lab.RootFileSystem, "usr/local/bin/tool")));

        sandbox = await lab.StartAsync();
        Assert.Equal("kept", await DockerLab.ShellAsync(sandbox, "cat /work/notes.txt"));
        Assert.Equal("installed\n", await DockerLab.ShellAsync(sandbox, "tool"));
        await sandbox.StopAsync(Cancellation);
        await sandbox.StopAsync(Cancellation);
        await sandbox.DisposeAsync();
    }

    [Fact]
    public async Task A_cell_of_one_runtime_goes_on_in_the_other_with_all_files()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        var sandbox = await lab.StartAsync();
        await DockerLab.ShellAsync(sandbox, "echo docker > /work/a; echo docker > /usr/local/a; echo kept > /root/a");
        var keyed = ExecSpec.Shell("echo once") with { Key = "step" };
        await sandbox.RunAsync(keyed, null, Cancellation);
        await sandbox.StopAsync(Cancellation);

        await using var runsc = new RunscRuntime(new RunscOptions { RuntimeRoot = lab.RuntimeRoot + "/r" });
        sandbox = await runsc.StartAsync(lab.Spec(), Cancellation);
        Assert.Equal("docker\ndocker\nkept\n", await DockerLab.ShellAsync(sandbox, "cat /work/a /usr/local/a /root/a"));
        Assert.Equal("once\n", Encoding.UTF8.GetString((await sandbox.RunAsync(keyed, null, Cancellation)).Stdout));
        await DockerLab.ShellAsync(sandbox, "mkdir /data && echo runsc > /data/b");
        await sandbox.StopAsync(Cancellation);

        sandbox = await lab.StartAsync();
        Assert.Equal("runsc\n", await DockerLab.ShellAsync(sandbox, "cat /data/b"));
        await sandbox.StopAsync(Cancellation);
        Directory.Delete(lab.RuntimeRoot + "/r", recursive: true);
    }

    [Fact]
    public async Task Another_process_attaches_and_takes_over_a_running_command_frozen_or_not()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        var spec = ExecSpec.Shell("echo begun; read line < /work/fifo; echo $line; echo once >> /work/log") with { Key = "run/1/step" };
        await using (var first = await lab.StartAsync())
        {
            await DockerLab.ShellAsync(first, "mkfifo /work/fifo");
            await using var handle = await first.StartExecAsync(spec, Cancellation);
            await first.FreezeAsync(Cancellation);
            await first.FreezeAsync(Cancellation);
        }

        await using var runtime = lab.NewRuntime();
        Assert.Equal(["cell"], (await runtime.ListAsync(Cancellation)).Select(id => id.Value));
        var second = await runtime.AttachAsync(lab.Spec(), Cancellation);
        Assert.NotNull(second);
        Assert.Equal(ExecState.Running, await second.FindExecAsync("run/1/step", Cancellation));
        await using var again = await second.StartExecAsync(spec, Cancellation);
        Assert.True(again.Reattached);
        await DockerLab.ShellAsync(second, "echo continued > /work/fifo");
        Assert.Equal("begun\ncontinued\n", Encoding.UTF8.GetString((await again.WaitAsync(null, Cancellation)).Stdout));
        Assert.Equal("once\n", await DockerLab.ShellAsync(second, "cat /work/log"));

        await second.FreezeAsync(Cancellation);
        var answer = second.RunAsync(ExecSpec.Shell("echo awake"), null, Cancellation);
        Assert.NotEqual(answer, await Task.WhenAny(answer, Task.Delay(200, Cancellation)));
        await second.ThawAsync(Cancellation);
        Assert.Equal("awake\n", Encoding.UTF8.GetString((await answer).Stdout));
        await second.FreezeAsync(Cancellation);
        await second.StopAsync(Cancellation); // a frozen one too
        Assert.Null(await runtime.AttachAsync(lab.Spec(), Cancellation));
    }

    [Fact]
    public async Task A_sandbox_that_is_killed_is_found_lost_and_its_command_is_never_run_again()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await using var sandbox = await lab.StartAsync();
        var spec = ExecSpec.Shell("echo ran >> /work/log; sync; sleep 1000") with { Key = "step" };
        await using var handle = await sandbox.StartExecAsync(spec, Cancellation);
        while (await sandbox.Files.StatAsync("/work/log", Cancellation) is not { Length: > 0 })
            await Task.Delay(5, Cancellation);

        using (var client = lab.NewClient())
        {
            var containers = await client.Containers.ListContainersAsync(new ContainersListParameters(), Cancellation);
            var own = containers.Single(c => c.Names[0].EndsWith("-cell", StringComparison.Ordinal) && c.Names[0].Contains(lab.Label, StringComparison.Ordinal));
            Process.GetProcessById((int)(await client.Containers.InspectContainerAsync(own.ID, Cancellation)).State!.Pid).Kill();
        }

        await sandbox.Lost.WaitAsync(Cancellation);
        await Assert.ThrowsAsync<SandboxLostException>(() => handle.WaitAsync(null, Cancellation));
        await Assert.ThrowsAsync<SandboxLostException>(() => sandbox.FreezeAsync(Cancellation));
        Assert.Null(await lab.Runtime.AttachAsync(lab.Spec(), Cancellation));
        Assert.Empty(lab.Traces());

        await using var woken = await lab.StartAsync();
        Assert.Equal(ExecOutcome.Interrupted, (await woken.RunAsync(spec, null, Cancellation)).Outcome);
        var error = await Assert.ThrowsAsync<SandboxException>(() => lab.StartAsync());
        Assert.Contains("runs already", error.Message, StringComparison.Ordinal);
        await lab.Runtime.DestroyAsync(woken.Id, Cancellation);
        await lab.Runtime.DestroyAsync(woken.Id, Cancellation);
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task An_image_of_the_engine_becomes_a_cell_and_the_same_archive_the_same_image()
    {
        var engine = await shared.GetAsync();
        await using var lab = await DockerLab.OpenAsync(engine);
        using var folder = new TemporaryFolder();
        using (var client = lab.NewClient())
        {
            using var stream = new MemoryStream(ShellSystem.Tar(lab.RootFileSystem));
            await client.Images.CreateImageAsync(
                new ImagesCreateParameters { FromSrc = "-", Repo = "tiny", Tag = "1" }, stream, null, new Progress<JSONMessage>(), Cancellation);
        }

        var store = new ImageStore(new ImageStoreOptions { Folder = folder["images"] });
        var image = await lab.Runtime.ImportImageAsync(store, "tiny:1", null, Cancellation);
        await using var sandbox = await lab.Runtime.StartAsync(lab.Spec() with { RootFileSystem = image.RootFileSystem }, Cancellation);
        Assert.Equal("tiny\n", await DockerLab.ShellAsync(sandbox, "echo tiny"));
        var steps = new Steps();
        Assert.Equal(image.Digest, (await lab.Runtime.ImportImageAsync(store, "tiny:1", steps, Cancellation)).Digest);
        Assert.Empty(steps); // known by the engine's own id, so it is not saved again
        await sandbox.StopAsync(Cancellation);

        var error = await Assert.ThrowsAnyAsync<SandboxException>(() => lab.Runtime.ImportImageAsync(store, "127.0.0.1:1/nothing", null, Cancellation));
        Assert.Contains("pull image 127.0.0.1:1/nothing", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runsc-open", "--network=none is missing (it is host)")]
    [InlineData("runsc-plain", "--host-uds=open is missing")]
    [InlineData("no-such", "no runtime no-such (there are")]
    [InlineData("runc", "not gVisor")]
    public async Task An_engine_that_would_not_hold_a_cell_is_refused_with_the_fix(string runtimeName, string reason)
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await using var runtime = lab.NewRuntime(o => o.Runtime = runtimeName);
        var error = await Assert.ThrowsAsync<SandboxException>(() => runtime.StartAsync(lab.Spec(), Cancellation));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("/etc/docker/daemon.json", error.Message, StringComparison.Ordinal);
        Assert.False((await runtime.ProbeAsync(Cancellation)).Ok);
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task Without_gVisor_a_cell_runs_only_where_that_is_allowed_and_never_in_production()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await using (var runtime = lab.NewRuntime(o => (o.Runtime, o.AllowUnsafeRuntime, o.EnvironmentName) = ("runc", true, "production")))
        {
            var error = await Assert.ThrowsAsync<SandboxException>(() => runtime.StartAsync(lab.Spec(), Cancellation));
            Assert.Contains("Production", error.Message, StringComparison.Ordinal);
        }

        var log = new Lines();
        await using var unsafeRuntime = lab.NewRuntime(o => (o.Runtime, o.AllowUnsafeRuntime, o.EnvironmentName) = ("runc", true, "Development"), log);
        for (var start = 1; start <= 2; start++)
        {
            var sandbox = await unsafeRuntime.StartAsync(lab.Spec(), Cancellation);
            Assert.Equal("hello\n", await DockerLab.ShellAsync(sandbox, "echo hello"));
            await sandbox.StopAsync(Cancellation);
            Assert.Equal(start, log.Warnings.Count(line => line.Contains("NOT by gVisor", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Where_the_service_cannot_mount_the_engine_does_once_it_is_said_that_no_cap_is_meant()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await using (var refusing = lab.NewRuntime(o => o.CapsDisks = false))
        {
            var error = await Assert.ThrowsAsync<SandboxException>(() => refusing.StartAsync(lab.Spec(), Cancellation));
            Assert.Contains("AllowUncappedDisk", error.Message, StringComparison.Ordinal);
            Assert.False((await refusing.ProbeAsync(Cancellation)).Requirements.Single(r => r.Name == "disk cap").Ok);
        }

        await using var runtime = lab.NewRuntime(o => (o.CapsDisks, o.AllowUncappedDisk) = (false, true));
        for (var start = 0; start < 2; start++)
        {
            var sandbox = await runtime.StartAsync(lab.Spec(), Cancellation);
            await DockerLab.ShellAsync(sandbox, "echo -n x >> /work/file; echo -n y >> /usr/local/file; echo -n z >> /root/file");
            Assert.Equal(new string('x', start + 1), await File.ReadAllTextAsync(sandbox.WorkFolder + "/file", Cancellation));
            Assert.Equal(new string('y', start + 1) + new string('z', start + 1), await DockerLab.ShellAsync(sandbox, "cat /usr/local/file /root/file"));
            await sandbox.StopAsync(Cancellation);
            Assert.Empty(lab.Traces());
        }

        using var client = lab.NewClient();
        Assert.Empty((await client.Volumes.ListAsync(Cancellation)).Volumes ?? []);
    }

    [Fact]
    public async Task The_doctor_finds_this_engine_fit()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        var report = await lab.Runtime.ProbeAsync(Cancellation);
        Assert.True(report.Ok, string.Join("\n", report.Requirements.Where(r => !r.Ok)));
        Assert.Contains(report.Requirements, r => r.Name == "disk cap");
    }

    private sealed class Steps : List<ImageProgress>, IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) => Add(value);
    }

    private sealed class Lines : ILogger<DockerRuntime>
    {
        internal List<string> Warnings { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
                Warnings.Add(formatter(state, exception));
        }
    }
}
