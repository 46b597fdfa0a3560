using System.Net.Sockets;
using System.Net;
using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.IsolationTests;

/// <summary>Attacks on processes, the kernel and the host's own sockets.</summary>
[Collection(CellPair.Collection)]
public class ProcessAttacks(CellPair cells)
{
    [Fact]
    public async Task Only_the_cells_own_processes_are_seen()
    {
        var lines = await CellLab.ShellAsync(cells.Attacker, "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done");
        Assert.Contains("/oncell/oncell-guest init", lines, StringComparison.Ordinal);
        foreach (var word in (string[])["runsc", "dotnet", "OnCell.", "systemd"])
            Assert.DoesNotContain(word, lines, StringComparison.Ordinal);
        await cells.MustFailAsync($"kill -0 {Environment.ProcessId} && [ {Environment.ProcessId} -gt 1000 ]");
    }

    [Fact]
    public async Task No_environment_variable_of_the_service_reaches_the_cell()
    {
        var environment = await CellLab.ShellAsync(cells.Attacker, "env; tr '\\0' '\\n' < /proc/1/environ");
        Assert.DoesNotContain("HOST_ONLY_SECRET", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("DOTNET", environment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_guest_holds_no_file_of_the_host_open()
    {
        var links = await CellLab.ShellAsync(cells.Attacker, "ls -l /proc/1/fd");
        Assert.DoesNotContain(cells.Lab.DataRoot, links, StringComparison.Ordinal);
        Assert.DoesNotContain(cells.Lab.RuntimeRoot, links, StringComparison.Ordinal);
    }

    // syscall numbers of x86-64; each must be refused, whatever the errno
    [Theory]
    [InlineData("mount", "c.mount(b'none', b'/mnt', b'tmpfs', 0, None)")]
    [InlineData("bind mount", "c.mount(b'/', b'/mnt', None, 4096, None)")]
    [InlineData("umount", "c.umount2(b'/work', 2)")]
    [InlineData("pivot_root", "c.syscall(155, b'/work', b'/work')")]
    [InlineData("chroot", "c.chroot(b'/work')")]
    [InlineData("ptrace of the guest", "c.ptrace(16, 1, 0, 0)")]
    [InlineData("reading the guest's memory", "open('/proc/1/mem', 'rb').read(1) and 0")]
    [InlineData("setting the clock", "c.settimeofday(b'\\0' * 16, None)")]
    [InlineData("reboot", "c.reboot(0x01234567)")]
    [InlineData("sethostname", "c.sethostname(b'x', 1)")]
    [InlineData("swapon", "c.swapon(b'/work/swap', 0)")]
    [InlineData("init_module", "c.syscall(175, b'', 0, b'')")]
    [InlineData("kexec_load", "c.syscall(246, 0, 0, 0, 0)")]
    [InlineData("bpf", "c.syscall(321, 0, b'\\0' * 64, 64)")]
    [InlineData("perf_event_open", "c.syscall(298, b'\\0' * 128, 0, -1, -1, 0)")]
    [InlineData("userfaultfd", "c.syscall(323, 0)")]
    [InlineData("open_by_handle_at", "c.syscall(304, -100, b'\\x08\\0\\0\\0\\x01\\0\\0\\0' + b'\\0' * 8, 0)")]
    [InlineData("iopl", "c.iopl(3)")]
    [InlineData("quotactl", "c.syscall(179, 0, b'/dev/loop0', 0, 0)")]
    [InlineData("joining namespaces of another", "c.setns(os.open('/proc/1/ns/net', 0), 0x40000000)")]
    public async Task Calls_that_reach_beyond_the_cell_are_refused(string what, string call)
    {
        var answer = await cells.PythonAsync(
            $$"""
            import ctypes, os
            c = ctypes.CDLL(None, use_errno=True)
            try:
                result = {{call}}
                print('refused' if result == -1 else f'allowed {result}')
            except OSError as e:
                print('refused')
            """);
        Assert.True(answer == "refused", $"{what}: {answer}");
    }

    [Theory]
    [InlineData("echo x > /proc/sys/kernel/core_pattern")]
    [InlineData("echo b > /proc/sysrq-trigger")]
    [InlineData("echo 1 > /proc/sys/vm/drop_caches")]
    [InlineData("echo x > /sys/kernel/uevent_helper")]
    [InlineData("mkdir /sys/fs/cgroup/mine")]
    [InlineData("echo 0 > /sys/fs/cgroup/memory/memory.limit_in_bytes")]
    [InlineData("echo -1000 > /proc/1/oom_score_adj && exit 1; cat /proc/kcore")]
    [InlineData("cat /proc/kallsyms | grep -q commit_creds")]
    public async Task The_kernels_switches_are_out_of_reach(string line)
    {
        var before = await File.ReadAllTextAsync("/proc/sys/kernel/core_pattern", TestContext.Current.CancellationToken);
        await cells.MustFailAsync(line);
        Assert.Equal(before, await File.ReadAllTextAsync("/proc/sys/kernel/core_pattern", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Killing_every_process_leaves_the_guest_answering()
    {
        await cells.Attacker.RunAsync(ExecSpec.Shell("kill -9 -1"), null, TestContext.Current.CancellationToken);
        Assert.Equal("alive\n", await CellLab.ShellAsync(cells.Attacker, "echo alive"));
        await cells.NeighbourIsUnharmedAsync();
    }

    // gVisor lets root kill the first process of its own PID namespace, which Linux does not: a cell can end itself, and nobody else.
    [Theory]
    [InlineData("kill -9 1; sleep 10")]
    [InlineData("kill -15 1; sleep 10")]
    public async Task Killing_the_guest_ends_that_cell_and_no_other_and_it_starts_again(string line)
    {
        var cell = await cells.Lab.StartAsync("suicide");
        await Record.ExceptionAsync(() => cell.RunAsync(ExecSpec.Shell(line), null, TestContext.Current.CancellationToken));
        await cell.Lost.WaitAsync(TestContext.Current.CancellationToken);
        await cell.DisposeAsync();
        await cells.NeighbourIsUnharmedAsync();

        cell = await cells.Lab.StartAsync("suicide");
        Assert.Equal("alive\n", await CellLab.ShellAsync(cell, "echo alive"));
        await cell.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_abstract_socket_of_the_host_is_not_there()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint("\0oncell-isolation-test"));
        listener.Listen();
        var answer = await cells.PythonAsync(
            "import socket; s = socket.socket(socket.AF_UNIX); print(s.connect_ex(b'\\0oncell-isolation-test'))");
        Assert.Equal("111", answer);
    }

    [Fact]
    public async Task Speaking_nonsense_on_the_hosts_sockets_harms_nobody()
    {
        await cells.PythonAsync(
            """
            import os, socket
            for name in ('control', 'egress', 'credential'):
                for i in range(50):
                    s = socket.socket(socket.AF_UNIX); s.settimeout(1)
                    try:
                        s.connect(f'/run/oncell/{name}.sock'); s.sendall(os.urandom(4096))
                    except OSError: pass
                    s.close()
            """);
        Assert.Equal("alive\n", await CellLab.ShellAsync(cells.Attacker, "echo alive"));
        await cells.NeighbourIsUnharmedAsync();
    }

    [Fact]
    public async Task The_services_own_ports_are_not_reachable()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.NotEqual("0", await cells.PythonAsync($"import socket; s = socket.socket(); print(s.connect_ex(('127.0.0.1', {port})))"));
        await cells.MustFailAsync($"python3 -c \"import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/', timeout=5)\"");
        Assert.False(listener.Pending());
    }
}
