using System.Diagnostics;
using System.Text.Json.Nodes;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandbox.Tests.Docker;

/// <summary>A containerd and a dockerd of one test: socket, data, state and control group of their own. Both are ended by their ids.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private static readonly string[] GvisorArguments =
    [
        "--network=none", "--host-uds=open", "--platform=systrap", "--overlay2=none", "--file-access-mounts=exclusive", "--cpu-num-from-quota",
    ];

    private readonly TemporaryFolder _folder;
    private readonly string _cgroup = $"/oncell-docker-test-{Guid.NewGuid().ToString("N")[..8]}";
    private Process _containerd = null!;
    private Process _dockerd = null!;

    private TestEngine(TemporaryFolder folder) => _folder = folder;

    internal string SocketPath => _folder["docker.sock"];

    internal Uri Endpoint => new("unix://" + SocketPath);

    internal string DataRoot => _folder["data"];

    internal int ProcessId => _dockerd.Id;

    internal static async Task<TestEngine> StartAsync(bool liveRestore = true, CancellationToken cancellationToken = default)
    {
        var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder["containerd.toml"],
            $"""
            version = 2
            root = "{folder["containerd"]}"
            state = "{folder["containerd-state"]}"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
              address = "{folder["containerd.sock"]}"
            """,
            cancellationToken);
        var engine = new TestEngine(folder);
        await engine.StartContainerdAsync(cancellationToken);
        await engine.ConfigureAsync(liveRestore, cancellationToken);
        await engine.StartDockerdAsync(cancellationToken);
        return engine;
    }

    /// <summary>Kills dockerd and starts it again.</summary>
    internal async Task KillAndRestartAsync(Func<Task>? between = null, CancellationToken cancellationToken = default)
    {
        await KillAsync(dockerd: true, containerd: false, cancellationToken);
        if (between is not null)
            await between();
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>Kills what is named, and waits for its end.</summary>
    internal async Task KillAsync(bool dockerd, bool containerd, CancellationToken cancellationToken)
    {
        foreach (var process in new[] { dockerd ? _dockerd : null, containerd ? _containerd : null }.OfType<Process>())
        {
            process.Kill();
            await process.WaitForExitAsync(cancellationToken);
        }
    }

    /// <summary>Starts what was killed.</summary>
    internal async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        if (_containerd.HasExited)
        {
            File.Delete(_folder["containerd.sock"]);
            await StartContainerdAsync(cancellationToken);
        }

        if (_dockerd.HasExited)
        {
            File.Delete(_folder["docker.pid"]);
            await StartDockerdAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(_dockerd);
        await EndAsync(_containerd);
        foreach (var (shim, _) in Shims())
            _ = Libc.Kill(shim, Libc.SigKill); // containerd 1.6 forgets that of a container that could not be started
        await Cgroup.At(_cgroup).KillAsync(CancellationToken.None);
        await Cgroup.At(_cgroup).RemoveAsync(CancellationToken.None);
        foreach (var mount in MountTable.Read().Reverse().Where(m => m.Target.StartsWith(_folder.Path + "/", StringComparison.Ordinal)))
            await Mounts.UnmountAsync(mount.Target);
        _folder.Dispose();
    }

    /// <summary>The ids of the containers beside which a shim of this engine's containerd runs.</summary>
    internal IReadOnlyList<string> ShimContainers() => [.. Shims().Select(shim => shim.Container)];

    private IEnumerable<(int ProcessId, string Container)> Shims()
    {
        foreach (var process in Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            string[] arguments;
            try
            {
                arguments = File.ReadAllText(process + "/cmdline").Split('\0');
            }
            catch (IOException)
            {
                continue; // it ended while being looked at
            }

            if (arguments.Contains(_folder["containerd.sock"]) && arguments[0].EndsWith("containerd-shim-runc-v2", StringComparison.Ordinal))
                yield return (int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture), arguments[Array.IndexOf(arguments, "-id") + 1]);
        }
    }

    private async Task ConfigureAsync(bool liveRestore, CancellationToken cancellationToken)
    {
        var runtimes = new JsonObject
        {
            ["runsc"] = Gvisor(GvisorArguments),
            ["runsc-open"] = Gvisor(["--network=host", .. GvisorArguments[1..]]),
            ["runsc-plain"] = Gvisor([]),
        };
        var config = new JsonObject
        {
            ["hosts"] = new JsonArray((JsonNode)Endpoint.OriginalString),
            ["data-root"] = DataRoot,
            ["exec-root"] = _folder["exec"],
            ["pidfile"] = _folder["docker.pid"],
            ["containerd"] = _folder["containerd.sock"],
            ["cgroup-parent"] = _cgroup,
            ["bridge"] = "none",
            ["iptables"] = false,
            ["ip6tables"] = false,
            ["live-restore"] = liveRestore,
            ["log-level"] = "warn",
            ["runtimes"] = runtimes,
        };
        await File.WriteAllTextAsync(_folder["daemon.json"], config.ToJsonString(), cancellationToken);

        JsonObject Gvisor(string[] arguments) => new()
        {
            ["path"] = HostCommand.Find("runsc"),
            ["runtimeArgs"] = new JsonArray([.. arguments.Select(a => (JsonNode)a!)]),
        };
    }

    private async Task StartContainerdAsync(CancellationToken cancellationToken)
    {
        _containerd = Run("containerd", _folder["containerd.log"], "--config", _folder["containerd.toml"]);
        await WaitForAsync(() => File.Exists(_folder["containerd.sock"]), _containerd, _folder["containerd.log"], cancellationToken);
    }

    private async Task StartDockerdAsync(CancellationToken cancellationToken)
    {
        _dockerd = Run("dockerd", _folder["docker.log"], "--config-file", _folder["daemon.json"]);
        await WaitForAsync(Answers, _dockerd, _folder["docker.log"], cancellationToken);

        bool Answers()
        {
            using var socket = new System.Net.Sockets.Socket(
                System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
            try
            {
                socket.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint(SocketPath));
                socket.Send("GET /_ping HTTP/1.0\r\n\r\n"u8);
                var buffer = new byte[16];
                return socket.Receive(buffer) >= 12 && buffer.AsSpan(9, 3).SequenceEqual("200"u8);
            }
            catch (System.Net.Sockets.SocketException)
            {
                return false;
            }
        }
    }

    // A shell sends the streams to a file: a shim would otherwise hold this program's own for as long as its container lives.
    private static Process Run(string program, string log, params string[] arguments) => Process.Start(new ProcessStartInfo(
        "/bin/sh", ["-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", log,
            HostCommand.Find(program) ?? throw new InvalidOperationException($"{program} is not installed: run eng/setup.sh as root."), .. arguments]))!;

    private static async Task WaitForAsync(Func<bool> condition, Process process, string log, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            if (process.HasExited)
                throw new InvalidOperationException($"It ended with {process.ExitCode}: {(File.Exists(log) ? await File.ReadAllTextAsync(log, cancellationToken) : "")}");
            await Task.Delay(20, cancellationToken);
        }
    }

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
            _ = Libc.Kill(process.Id, Libc.SigTerm);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }
}
