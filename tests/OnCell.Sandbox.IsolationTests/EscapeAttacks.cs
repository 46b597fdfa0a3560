using System.Net.Sockets;
using System.Text;
using OnCell.Sandbox.Tests;
using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.IsolationTests;

/// <summary>Attacks that break out of containers elsewhere: user namespaces, control groups, new kernel interfaces, sockets, and races with the files API.</summary>
[Collection(CellPair.Collection)]
public class EscapeAttacks(CellPair cells)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Numbers of x86-64. Each must fail, or do nothing; the names of those that did not are printed.
    [Fact]
    public async Task No_interface_of_the_kernel_that_escapes_use_is_open()
    {
        var opened = await cells.PythonAsync(
            """
            import ctypes
            c = ctypes.CDLL(None, use_errno=True)
            z = ctypes.create_string_buffer(4096)
            pidfd = c.syscall(434, 1, 0)
            calls = {
                'io_uring_setup': (425, 8, z), 'keyctl read': (250, 11, -4, z, 4096), 'keyctl link': (250, 8, -4, -3), 'add_key': (248, b'user', b'x', b'y', 1, -3),
                'request_key': (249, b'user', b'x', None, -3), 'fanotify_init': (300, 0, 0), 'fsopen': (430, b'ext4', 0),
                'open_tree': (428, -100, b'/', 1), 'move_mount': (429, -100, b'/work', -100, b'/mnt', 0), 'mount_setattr': (442, -100, b'/', 0, z, 32),
                'pidfd_getfd': (438, pidfd, 3, 0), 'kcmp': (312, 1, 1, 0, 0, 0), 'acct': (163, b'/work/acct'), 'vhangup': (153,),
                'ioperm': (173, 0, 1, 1), 'finit_module': (313, 0, b'', 0), 'delete_module': (176, b'loop', 0), 'swapoff': (168, b'/work/x'),
                'setdomainname': (171, b'x', 1), 'clock_settime': (227, 0, z), 'lookup_dcookie': (212, 1, z, 100),
                'migrate_pages': (256, 1, 64, z, z), 'perf_event_open': (298, z, -1, 0, -1, 0), 'bpf': (321, 5, z, 128), 'userfaultfd': (323, 1),
                'kexec_file_load': (320, 0, 0, 0, b'', 0), 'nfsservctl': (180, 0, z, z), 'uselib': (134, b'/bin/sh'),
            }
            print([name for name, call in calls.items() if c.syscall(*call) != -1])
            """);
        Assert.Equal("[]", opened);
        await cells.NeighbourIsUnharmedAsync();
    }

    // The release_agent of a control group runs on the host, as its root; a device node made in a user namespace opens the disk.
    [Fact]
    public async Task A_user_namespace_with_all_capabilities_reaches_nothing_of_the_host()
    {
        using var host = new TemporaryFolder();
        var answer = await cells.PythonAsync(
            $$"""
            import ctypes, os
            c = ctypes.CDLL(None, use_errno=True)
            reached = []
            c.unshare(0x10000000 | 0x00020000 | 0x02000000)
            for kind, where in (('cgroup', b'/tmp/cg'), ('cgroup2', b'/tmp/cg2'), ('9p', b'/tmp/9p'), ('ext4', b'/tmp/e'), ('sysfs', b'/tmp/sys'), ('securityfs', b'/tmp/sec'), ('debugfs', b'/tmp/dbg'), ('devtmpfs', b'/tmp/dev')):
                os.makedirs(where, exist_ok=True)
                c.mount(b'/dev/loop0' if kind == 'ext4' else b'none', where, kind.encode(), 0, b'memory' if kind == 'cgroup' else None)
                for name in ('release_agent', 'uevent_helper', 'kernel/uevent_helper'):
                    try:
                        os.write(os.open(os.path.join(where.decode(), name), os.O_WRONLY), b'{{host.Path}}/agent')
                        reached.append(f'{kind} {name}')
                    except OSError: pass
            for node, device in (('vda', (254, 0)), ('vda8', (8, 0)), ('loop', (7, 0)), ('mem', (1, 1)), ('kmsg', (1, 11)), ('loopctl', (10, 237))):
                for mode in (0o060600, 0o020600):
                    path = f'/tmp/{node}{mode}'
                    try:
                        os.mknod(path, mode, os.makedev(*device))
                        with open(path, 'rb') as f: f.read(16)
                        reached.append(path)
                    except OSError: pass
            for place in ('{{host.Path}}', '{{cells.Lab.DataRoot}}', '{{cells.Lab.RuntimeRoot}}'):
                if os.path.exists(place): reached.append(place)
            print(reached)
            """);
        Assert.Equal("[]", answer);
        Assert.Empty(Directory.GetFileSystemEntries(host.Path));
        await cells.NeighbourIsUnharmedAsync();
    }

    [Fact]
    public async Task Sockets_of_the_host_and_of_the_neighbour_are_not_reachable_by_any_path()
    {
        using var host = new TemporaryFolder();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(host["host.sock"]));
        listener.Listen();
        var neighbour = $"{cells.Lab.RuntimeRoot}/neighbour/sock";
        var answer = await cells.PythonAsync(
            $$"""
            import os, socket
            paths = ['{{host["host.sock"]}}', '/var/run/docker.sock', '/run/containerd/containerd.sock', '/run/dbus/system_bus_socket',
                     '{{neighbour}}/control.sock', '{{neighbour}}/egress.sock', '{{neighbour}}/credential.sock',
                     '/run/oncell/../neighbour/sock/egress.sock', '/run/oncell/../../neighbour/sock/egress.sock', '/proc/1/root{{host["host.sock"]}}']
            os.makedirs('/work/sockets', exist_ok=True)
            for i, path in enumerate(list(paths)):
                link = f'/work/sockets/{i}'
                if not os.path.lexists(link): os.symlink(path, link)
                paths.append(link)
            reached = []
            for path in paths:
                s = socket.socket(socket.AF_UNIX); s.settimeout(2)
                if s.connect_ex(path) == 0: reached.append(path)
            print(reached)
            """);
        Assert.Equal("[]", answer);
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public async Task A_socket_that_the_cell_makes_is_none_of_the_hosts()
    {
        await cells.PythonAsync(
            """
            import os, socket, stat
            for path in ('/work/trap.sock', '/tmp/trap.sock'):
                try:
                    s = socket.socket(socket.AF_UNIX); s.bind(path); s.listen()
                except OSError: pass
                try: os.mknod(path + '2', stat.S_IFSOCK | 0o666)
                except OSError: pass
            """);
        foreach (var path in Directory.GetFiles(cells.Attacker.WorkFolder, "trap.sock*"))
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(new UnixDomainSocketEndPoint(path)));
        }
    }

    // Descriptors of the service are what all cells share. A connect may hang in the cell: each socket is flooded by a thread of its own.
    [Fact]
    public async Task Thousands_of_connections_to_the_hosts_sockets_do_not_use_up_the_service()
    {
        var flood = ExecSpec.Command(
            "python3", "-c",
            """
            import resource, socket, threading, time
            resource.setrlimit(resource.RLIMIT_NOFILE, (60000, 60000))
            held = []
            def flood(family, address):
                for i in range(1500):
                    s = socket.socket(family); s.settimeout(0.1)
                    try: s.connect(address)
                    except OSError: pass
                    held.append(s)
            for name in ('control', 'egress', 'credential'):
                threading.Thread(target=flood, args=(socket.AF_UNIX, f'/run/oncell/{name}.sock'), daemon=True).start()
            threading.Thread(target=flood, args=(socket.AF_INET, ('127.0.0.1', 3128)), daemon=True).start()
            time.sleep(5)
            """) with
        { Timeout = TimeSpan.FromSeconds(15) };
        var before = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        var most = 0;
        var flooding = cells.Attacker.RunAsync(flood, null, Cancellation);
        while (!flooding.IsCompleted)
        {
            most = Math.Max(most, Directory.GetFileSystemEntries("/proc/self/fd").Length - before);
            await cells.NeighbourIsUnharmedAsync();
            await Task.Delay(50, Cancellation);
        }

        await flooding;
        Assert.InRange(most, 0, 1200); // the limits of the proxy and the broker, also where three attackers do it at once
        Assert.Equal("alive\n", await CellLab.ShellAsync(cells.Attacker, "echo alive"));
        await cells.NeighbourIsUnharmedAsync();
    }

    // A process of the cell that says the right words to the host's socket is no second guest.
    [Fact]
    public async Task A_second_guest_is_turned_away_and_huge_frames_break_only_their_own_connection()
    {
        await cells.PythonAsync(
            """
            import socket, struct
            for head in (b'\xff' * 16, struct.pack('<I', 0xFFFFFFF0) * 4, struct.pack('>I', 0x7FFFFFFF) * 4, b'\0' * 16):
                for i in range(10):
                    s = socket.socket(socket.AF_UNIX); s.settimeout(1)
                    try:
                        s.connect('/run/oncell/control.sock'); s.sendall(head + b'A' * 200000)
                    except OSError: pass
                    s.close()
            """);
        Assert.Equal("alive\n", await CellLab.ShellAsync(cells.Attacker, "echo alive"));
        await cells.NeighbourIsUnharmedAsync();
    }

    [Fact]
    public async Task The_files_api_changes_nothing_of_the_host_through_links()
    {
        using var host = new TemporaryFolder();
        await File.WriteAllTextAsync(host["victim"], "unharmed", Cancellation);
        await CellLab.ShellAsync(cells.Attacker, $"rm -rf /work/ways; mkdir /work/ways; ln -s {host.Path} /work/ways/out; ln -s /proc/self/root{host.Path} /work/ways/proc; echo mine > /work/ways/own");
        foreach (var way in (string[])["/work/ways/out", "/work/ways/proc", host.Path, $"/work/../../..{host.Path}", $"/proc/1/root{host.Path}"])
        {
            var files = cells.Attacker.Files;
            await Record.ExceptionAsync(() => files.WriteAsync($"{way}/planted", "x"u8.ToArray(), 0x1A4, Cancellation));
            await Record.ExceptionAsync(() => files.WriteAsync($"{way}/victim", "x"u8.ToArray(), 0x1A4, Cancellation));
            await Record.ExceptionAsync(() => files.RemoveAsync($"{way}/victim", Cancellation));
            await Record.ExceptionAsync(() => files.MoveAsync("/work/ways/own", $"{way}/own", Cancellation));
            var read = Array.Empty<byte>();
            await Record.ExceptionAsync(async () => read = await files.ReadAsync($"{way}/victim", 100, Cancellation));
            Assert.DoesNotContain("unharmed", Encoding.UTF8.GetString(read), StringComparison.Ordinal);
        }

        Assert.Equal("unharmed", await File.ReadAllTextAsync(host["victim"], Cancellation));
        Assert.Equal([host["victim"]], Directory.GetFileSystemEntries(host.Path));
    }

    [Fact]
    public async Task Swapping_folder_and_link_while_the_files_api_writes_plants_nothing_on_the_host()
    {
        using var host = new TemporaryFolder();
        await CellLab.ShellAsync(cells.Attacker, $"rm -rf /work/swap; mkdir -p /work/swap/real; ln -s {host.Path} /work/swap/link");
        var swapper = ExecSpec.Shell("cd /work/swap; while [ ! -e stop ]; do mv -T real d; mv -T d real; mv -T link d; mv -T d link; done");
        await using var swapping = await cells.Attacker.StartExecAsync(swapper, Cancellation);
        var written = 0;
        for (var i = 0; i < 150; i++)
        {
            if (await Record.ExceptionAsync(() => cells.Attacker.Files.WriteAsync($"/work/swap/d/planted{i}", "x"u8.ToArray(), 0x1A4, Cancellation)) is null)
                written++;
        }

        await cells.Attacker.Files.WriteAsync("/work/swap/stop", default, 0x1A4, Cancellation);
        await swapping.WaitAsync(null, Cancellation);
        Assert.InRange(written, 0, 150);
        Assert.Empty(Directory.GetFileSystemEntries(host.Path));
    }

    [Fact]
    public async Task What_the_host_is_and_whom_it_asks_is_not_told()
    {
        var told = await CellLab.ShellAsync(
            cells.Attacker, "cat /etc/resolv.conf /etc/hosts /etc/hostname /proc/version /proc/cmdline /proc/partitions /proc/net/route /proc/net/arp 2>/dev/null; hostname; ls /sys/block /sys/class/net /dev 2>/dev/null; true");
        foreach (var resolver in (await File.ReadAllLinesAsync("/etc/resolv.conf", Cancellation)).Where(l => l.StartsWith("nameserver ", StringComparison.Ordinal)))
        {
            if (!resolver.Contains("127.0.0.1", StringComparison.Ordinal))
                Assert.DoesNotContain(resolver, told, StringComparison.Ordinal);
        }

        Assert.Contains("\ncell\n", told, StringComparison.Ordinal);
        var kernel = (await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", Cancellation)).Trim();
        Assert.DoesNotContain(kernel, told, StringComparison.Ordinal);
        foreach (var device in Directory.GetDirectories("/sys/block").Select(path => Path.GetFileName(path)))
            Assert.DoesNotContain($"\n{device}\n", told, StringComparison.Ordinal);
    }
}
