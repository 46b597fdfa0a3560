using System.Collections.Concurrent;
using System.Net;
using System.Text;
using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>The whole way out of a real cell: tool, guest, Unix socket, proxy, server.</summary>
public sealed class CellEgressTests
{
    private const string Token = "t0ken-of-the-customer";

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Git_in_a_cell_clones_a_private_repository_and_its_token_stays_on_the_host(string scheme)
    {
        using var repositories = new GitRepositories();
        var bare = await repositories.MakeAsync("acme/app.git");
        var git = new GitServer(bare.Root, "bot:" + Token);
        await using var server = scheme == "https" ? LoopbackServer.StartTls(git.ServeAsync) : LoopbackServer.Start(git.ServeAsync);
        var url = $"{scheme}://git.test:{server.Port}/acme/app.git";
        await using var lab = await SandboxLab.OpenAsync();
        await using var runtime = RuntimeThatKnows(lab, "git.test");
        await using var cell = await runtime.StartAsync(
            lab.Spec() with
            {
                Egress = EgressPolicy.Parse([$"git.test:{server.Port}", $"127.0.0.1/32:{server.Port}"]),
                GitCredentials = new BoundGitCredentials([new GitCredentialBinding(url, "bot", Token)]),
                Environment = new Dictionary<string, string> { ["GIT_SSL_CAINFO"] = "/work/ca.pem" },
            },
            ProxyHarness.Cancel);
        await cell.Files.WriteAsync(
            "ca.pem", Encoding.ASCII.GetBytes(LoopbackServer.Certificate.ExportCertificatePem()), 0x1A4, ProxyHarness.Cancel);

        Assert.Equal("hello\n", await SandboxLab.ShellAsync(cell, $"git clone -q {url} app && cat app/file.txt"));
        var found = await SandboxLab.ShellAsync(
            cell, $"grep -rsl {Token} /work /root /tmp /run /var/lib/oncell /etc; cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep {Token}; true");
        Assert.Equal("", found);

        var other = await cell.RunAsync(
            ExecSpec.Shell($"git clone -q {url.Replace("app.git", "other.git", StringComparison.Ordinal)} </dev/null"), null, ProxyHarness.Cancel);
        Assert.NotEqual(0, other.ExitCode);
    }

    [Fact]
    public async Task A_policy_change_reaches_what_is_open_in_a_live_cell()
    {
        await using var server = LoopbackServer.Echo();
        await using var lab = await SandboxLab.OpenAsync();
        await using var runtime = RuntimeThatKnows(lab, "echo.test");
        var denials = new ConcurrentQueue<EgressEvent>();
        var rule = $"echo.test:{server.Port}";
        await using var cell = await runtime.StartAsync(
            lab.Spec() with
            {
                Egress = EgressPolicy.Parse([rule, $"127.0.0.1/32:{server.Port}"]),
                OnEgress = e =>
                {
                    if (!e.Allowed)
                        denials.Enqueue(e);
                },
            },
            ProxyHarness.Cancel);
        const string Program =
            """
            import socket, sys
            def tunnel():
                s = socket.create_connection(('127.0.0.1', 3128))
                s.sendall(f'CONNECT {sys.argv[1]} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
                return s, s.recv(65536).split(b'\r\n')[0].decode()
            s, status = tunnel()
            s.sendall(b'echo')
            print(status, s.recv(4).decode(), flush=True)
            print('closed' if s.recv(1) == b'' else 'open')
            print(tunnel()[1])
            """;
        await using var client = await cell.StartExecAsync(ExecSpec.Command("python3", "-c", Program, rule), ProxyHarness.Cancel);
        var open = new TaskCompletionSource();
        var ended = client.WaitAsync(_ => open.TrySetResult(), ProxyHarness.Cancel);
        await Task.WhenAny(open.Task, ended);

        cell.Egress = EgressPolicy.DenyAll;

        var result = await ended;
        Assert.Equal(
            "HTTP/1.1 200 Connection established echo\nclosed\nHTTP/1.1 403 Forbidden\n",
            Encoding.UTF8.GetString(result.Stdout) + Encoding.UTF8.GetString(result.Stderr));
        Assert.All(denials, denial => Assert.Contains($"add \"{rule}\" to Network.Allow", denial.Reason, StringComparison.Ordinal));
        Assert.Equal([true, false], denials.Select(denial => denial.Closed));
    }

    private static RunscRuntime RuntimeThatKnows(SandboxLab lab, string name) => lab.NewRuntime(options =>
        options.Egress = new EgressOptions { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { [name] = [IPAddress.Loopback] } });
}
