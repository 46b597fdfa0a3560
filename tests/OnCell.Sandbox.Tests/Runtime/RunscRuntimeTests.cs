using System.Diagnostics;
using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Runtime;

public sealed class RunscRuntimeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Starts_runs_commands_stops_without_a_trace_and_wakes_with_all_files()
    {
        await using var lab = await SandboxLab.OpenAsync();
        var sandbox = await lab.StartAsync();
        Assert.Equal("hello\n", await SandboxLab.ShellAsync(sandbox, "echo hello"));
        await sandbox.Files.WriteAsync("notes.txt", "kept"u8.ToArray(), 0x1A4, Cancellation);
        await SandboxLab.ShellAsync(sandbox, "echo '#!/bin/sh\necho installed' > /usr/local/bin/tool && chmod +x /usr/local/bin/tool");
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(sandbox.WorkFolder, "notes.txt"), Cancellation));
        await sandbox.StopAsync(Cancellation);
        Assert.Empty(lab.Traces());
        Assert.False(File.Exists(Path.Combine(lab.RootFileSystem, "usr/local/bin/tool")));

        sandbox = await lab.StartAsync();
        Assert.Equal("kept", await SandboxLab.ShellAsync(sandbox, "cat /work/notes.txt"));
        Assert.Equal("installed\n", await SandboxLab.ShellAsync(sandbox, "tool"));
        await sandbox.StopAsync(Cancellation);
        await sandbox.StopAsync(Cancellation);
        await sandbox.DisposeAsync();
    }

    [Fact]
    public async Task Another_process_attaches_and_takes_over_a_running_command()
    {
        await using var lab = await SandboxLab.OpenAsync();
        var spec = ExecSpec.Shell("echo begun; read line < /work/fifo; echo $line; echo once >> /work/log") with { Key = "run/1/step" };
        await using (var first = await lab.StartAsync())
        {
            await SandboxLab.ShellAsync(first, "mkfifo /work/fifo");
            await using var handle = await first.StartExecAsync(spec, Cancellation);
        }

        await using var runtime = lab.NewRuntime();
        var second = await runtime.AttachAsync(lab.Spec(), Cancellation);
        Assert.NotNull(second);
        Assert.Equal(ExecState.Running, await second.FindExecAsync("run/1/step", Cancellation));
        await using var again = await second.StartExecAsync(spec, Cancellation);
        Assert.True(again.Reattached);
        await SandboxLab.ShellAsync(second, "echo continued > /work/fifo");
        var result = await again.WaitAsync(null, Cancellation);
        Assert.Equal("begun\ncontinued\n", Encoding.UTF8.GetString(result.Stdout));
        Assert.Equal("once\n", await SandboxLab.ShellAsync(second, "cat /work/log"));
        await second.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_sandbox_that_is_killed_is_found_lost_and_its_command_is_never_run_again()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var sandbox = await lab.StartAsync();
        var spec = ExecSpec.Shell("echo ran >> /work/log; sync; sleep 1000") with { Key = "step" };
        await using var handle = await sandbox.StartExecAsync(spec, Cancellation);
        while (await sandbox.Files.StatAsync("/work/log", Cancellation) is not { Length: > 0 })
            await Task.Delay(5, Cancellation);

        Process.GetProcessById(int.Parse(await File.ReadAllTextAsync($"{lab.RuntimeRoot}/cell/pid", Cancellation))).Kill();

        await sandbox.Lost.WaitAsync(Cancellation);
        await Assert.ThrowsAsync<SandboxLostException>(() => handle.WaitAsync(null, Cancellation));
        await Assert.ThrowsAsync<SandboxLostException>(() => sandbox.RunAsync(ExecSpec.Shell("true"), null, Cancellation));
        await Assert.ThrowsAsync<SandboxLostException>(() => sandbox.FreezeAsync(Cancellation));
        Assert.Null(await lab.Runtime.AttachAsync(lab.Spec(), Cancellation));
        Assert.Empty(lab.Traces());

        await using var woken = await lab.StartAsync();
        var result = await woken.RunAsync(spec, null, Cancellation);
        Assert.Equal(ExecOutcome.Interrupted, result.Outcome);
        Assert.Equal("ran\n", await SandboxLab.ShellAsync(woken, "cat /work/log"));
    }

    [Fact]
    public async Task Freezes_and_thaws_and_a_frozen_sandbox_can_be_attached_and_stopped()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var sandbox = await lab.StartAsync();
        await sandbox.FreezeAsync(Cancellation);
        await sandbox.FreezeAsync(Cancellation);
        var answer = sandbox.RunAsync(ExecSpec.Shell("echo awake"), null, Cancellation);
        Assert.NotEqual(answer, await Task.WhenAny(answer, Task.Delay(200, Cancellation)));
        await sandbox.ThawAsync(Cancellation);
        Assert.Equal("awake\n", Encoding.UTF8.GetString((await answer).Stdout));

        await sandbox.FreezeAsync(Cancellation);
        await sandbox.DisposeAsync();
        await using var runtime = lab.NewRuntime();
        var attached = await runtime.AttachAsync(lab.Spec(), Cancellation);
        Assert.Equal("1\n", await SandboxLab.ShellAsync(attached!, "echo 1"));
        await attached!.FreezeAsync(Cancellation);
        await attached.StopAsync(Cancellation);
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task Ports_background_commands_terminals_and_changes_of_files_reach_into_a_real_sandbox()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var sandbox = await lab.StartAsync();
        await using var changes = sandbox.Files.WatchAsync("/work", Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await changes.MoveNextAsync());
        await using (await sandbox.StartExecAsync(ExecSpec.Shell("echo page > index.html; exec python3 -u -m http.server 8080") with { Key = "preview" }, Cancellation))
        {
        }

        Assert.True(await changes.MoveNextAsync());
        Assert.Equal(new SandboxFileChange(SandboxFileChangeKind.Created, "/work/index.html"), changes.Current);
        Assert.Contains(new ExecInfo("preview", ExecState.Running), await sandbox.ListExecsAsync(Cancellation));
        await using (var preview = await sandbox.AttachExecAsync("preview", 4096, Cancellation))
        {
            var listening = new TaskCompletionSource();
            var end = preview!.WaitAsync(_ => listening.TrySetResult(), Cancellation);
            await listening.Task.WaitAsync(Cancellation);
            await using (var stream = await sandbox.ConnectPortAsync(8080, Cancellation))
            {
                await stream.WriteAsync("GET /index.html HTTP/1.0\r\n\r\n"u8.ToArray(), Cancellation);
                using var answer = new StreamReader(stream);
                Assert.EndsWith("page\n", await answer.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
            }

            await preview.SignalAsync(15, Cancellation);
            Assert.Equal(ExecOutcome.Signaled, (await end).Outcome);
        }

        await Assert.ThrowsAnyAsync<SandboxException>(() => sandbox.ConnectPortAsync(8080, Cancellation));
        await using var terminal = await sandbox.StartExecAsync(ExecSpec.Command("/bin/sh") with { Terminal = new TerminalSize(30, 100) }, Cancellation);
        await terminal.ResizeAsync(new TerminalSize(50, 120), Cancellation);
        await terminal.WriteInputAsync("stty size; exit\n"u8.ToArray(), Cancellation);
        Assert.Contains("50 120", Encoding.UTF8.GetString((await terminal.WaitAsync(null, Cancellation)).Stdout), StringComparison.Ordinal);
    }

    // gVisor caches files as if it were alone with them: what the host reads must be true all the same.
    [Fact]
    public async Task The_host_sees_at_once_what_a_command_wrote()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var sandbox = await lab.StartAsync();
        var file = Path.Combine(sandbox.WorkFolder, "file");
        for (var i = 1; i <= 20; i++)
        {
            await SandboxLab.ShellAsync(sandbox, $"echo line {i} >> file; cp file copy; mv copy moved-{i}; chmod 600 file");
            Assert.Equal(i, (await File.ReadAllLinesAsync(file, Cancellation)).Length);
            Assert.Equal(new FileInfo(file).Length, new FileInfo(Path.Combine(sandbox.WorkFolder, $"moved-{i}")).Length);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.True(DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task The_sockets_of_a_third_and_fourth_owner_are_found_too()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await (await lab.StartAsync()).DisposeAsync();
        for (var owner = 0; owner < 4; owner++)
        {
            await using var runtime = lab.NewRuntime();
            await using var sandbox = await runtime.AttachAsync(lab.Spec(), Cancellation);
            Assert.Contains("CONNECT", await SandboxLab.ShellAsync(
                sandbox!,
                "python3 -c \"import socket; s = socket.create_connection(('127.0.0.1', 3128)); s.sendall(b'CONNECT x:1 HTTP/1.1\\r\\nHost: x:1\\r\\n\\r\\n'); print('CONNECT', s.recv(12))\""),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_running_sandbox_is_not_started_again_and_destroy_can_be_repeated()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var sandbox = await lab.StartAsync();
        var error = await Assert.ThrowsAsync<SandboxException>(() => lab.StartAsync());
        Assert.Contains("runs already", error.Message, StringComparison.Ordinal);
        Assert.Equal([sandbox.Id], await lab.Runtime.ListAsync(Cancellation));

        await lab.Runtime.DestroyAsync(sandbox.Id, Cancellation);
        await lab.Runtime.DestroyAsync(sandbox.Id, Cancellation);
        await sandbox.Lost.WaitAsync(Cancellation);
        Assert.Empty(await lab.Runtime.ListAsync(Cancellation));
        Assert.Empty(lab.Traces());
        Assert.True(File.Exists(lab.Spec().Folder + "/volume.img"));
    }

    [Fact]
    public async Task A_full_volume_is_no_space_in_the_sandbox_and_commands_go_on()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var sandbox = await lab.StartAsync();
        var result = await sandbox.RunAsync(ExecSpec.Shell("dd if=/dev/zero of=/work/big bs=1M count=2000"), null, Cancellation);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("No space left on device", Encoding.UTF8.GetString(result.Stderr), StringComparison.Ordinal);
        await SandboxLab.ShellAsync(sandbox, "rm /work/big; echo ok > /work/small");
    }

    [Theory]
    [InlineData("echo 'runsc version 0.0~20221219.0'", "20221219 is too old")]
    [InlineData("exec sleep 1000", "did not end within")]
    [InlineData("[ $1 = --version ] && echo 'runsc version 0.0~20240729.0' && exit; echo '{\"msg\":\"no luck\"}' >&3; exit 1", "no luck")]
    [InlineData("[ $1 = --version ] && echo 'runsc version 0.0~20240729.0' && exit; exec sleep 1000", "did not start sandbox cell within")]
    [InlineData("[ $1 = --version ] && echo 'runsc version 0.0~20240729.0' && exit; exit 0", "ended as it started")]
    public async Task A_runsc_that_is_old_hangs_or_fails_is_a_clear_error_and_leaves_nothing(string script, string reason)
    {
        await using var lab = await SandboxLab.OpenAsync();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["runsc"], "#!/bin/sh\n" + script, Cancellation);
        File.SetUnixFileMode(folder["runsc"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var runtime = lab.NewRuntime(o =>
        {
            o.RunscPath = folder["runsc"];
            o.CommandTimeout = o.StartTimeout = TimeSpan.FromMilliseconds(300);
        });

        var error = await Assert.ThrowsAsync<SandboxException>(() => runtime.StartAsync(lab.Spec(), Cancellation));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task A_runtime_root_too_deep_for_sockets_is_a_clear_error()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var runtime = lab.NewRuntime(o => o.RuntimeRoot = lab.RuntimeRoot + "/" + new string('x', 80));
        var error = await Assert.ThrowsAsync<SandboxException>(() => runtime.StartAsync(lab.Spec(), Cancellation));
        Assert.Contains("shorten RunscOptions.RuntimeRoot", error.Message, StringComparison.Ordinal);
        Assert.Empty(await runtime.ListAsync(Cancellation));
        Directory.Delete(lab.RuntimeRoot + "/" + new string('x', 80), recursive: true);
    }

    [Fact]
    public async Task A_guest_that_cannot_run_is_a_clear_error_and_leaves_nothing()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var runtime = lab.NewRuntime(o => o.GuestPath = "/etc/hostname");
        await Assert.ThrowsAnyAsync<SandboxException>(() => runtime.StartAsync(lab.Spec(), Cancellation));
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task A_spec_with_faults_is_refused_with_all_of_them()
    {
        await using var lab = await SandboxLab.OpenAsync();
        var error = await Assert.ThrowsAsync<SandboxException>(() => lab.Runtime.StartAsync(
            lab.Spec() with
            {
                RootFileSystem = "/no/such",
                Resources = new SandboxResources { Cpus = 0, MemoryBytes = 1, Pids = 1, StorageBytes = 1 },
                Environment = new Dictionary<string, string> { ["A=B"] = "x" },
                Gpu = GpuRequest.Parse("16xH100"),
            },
            Cancellation));
        foreach (var word in (string[])["/no/such", "processors", "memory", "tasks", "storage", "A=B", "GPU 16xH100"])
            Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_finds_this_host_fit_and_names_the_fix_of_what_is_missing()
    {
        await using var lab = await SandboxLab.OpenAsync();
        var report = await lab.Runtime.ProbeAsync(Cancellation);
        Assert.True(report.Ok, string.Join("\n", report.Requirements.Where(r => !r.Ok)));
        foreach (var name in (string[])["root", "kernel", "runsc", "gVisor platform", "KVM (optional)", "GPU (optional)", "guest program", "control groups", "loop devices", "overlayfs", "ext4", "free space"])
            Assert.Contains(report.Requirements, r => r.Name == name && r.Found.Length > 0);

        await using var broken = lab.NewRuntime(o => o.RunscPath = "/no/such/runsc");
        report = await broken.ProbeAsync(Cancellation);
        Assert.Contains("eng/setup.sh", report.Requirements.Single(r => r.Name == "runsc").Fix, StringComparison.Ordinal);
    }
}
