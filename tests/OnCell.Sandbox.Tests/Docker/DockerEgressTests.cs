using System.Collections.Concurrent;
using System.Net;
using OnCell.Sandbox.Tests.Egress;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Docker;

/// <summary>The way out of a cell that a Docker engine runs.</summary>
public sealed class DockerEgressTests(SharedEngine shared)
{
    private const string Program =
        """
        import socket, sys, urllib.error, urllib.request
        port = sys.argv[1]
        def get(name):
            try:
                return urllib.request.urlopen(f'http://{name}:{port}/').read().decode()
            except urllib.error.HTTPError as error:
                return error.code
        print(get('allowed.test'), get('denied.test'))
        try:
            socket.create_connection(('127.0.0.1', int(port)))
        except OSError as error:
            print(type(error).__name__)
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_allowed_name_is_reached_and_a_denied_one_is_refused_and_told()
    {
        await using var server = LoopbackServer.Http("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await using var runtime = lab.NewRuntime(o => o.Egress = new EgressOptions
        {
            Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["allowed.test"] = [IPAddress.Loopback], ["denied.test"] = [IPAddress.Loopback] },
        });
        var told = new ConcurrentQueue<EgressEvent>();
        var policy = EgressPolicy.Parse([$"allowed.test:{server.Port}", $"127.0.0.1/32:{server.Port}"]);
        await using var cell = await runtime.StartAsync(lab.Spec() with { Egress = policy, OnEgress = told.Enqueue }, Cancellation);
        await cell.Files.WriteAsync("try.py", System.Text.Encoding.UTF8.GetBytes(Program), 0x1A4, Cancellation);

        Assert.Equal("hello 403\nConnectionRefusedError\n", await DockerLab.ShellAsync(cell, $"python3 try.py {server.Port}"));

        Assert.Equal(1, server.Accepted);
        var denial = Assert.Single(told, e => !e.Allowed);
        Assert.Contains($"add \"denied.test:{server.Port}\" to Network.Allow", denial.Reason, StringComparison.Ordinal);
        Assert.Contains(told, e => e is { Allowed: true, Closed: false });

        cell.Egress = EgressPolicy.DenyAll;
        Assert.Equal("403 403\nConnectionRefusedError\n", await DockerLab.ShellAsync(cell, $"python3 try.py {server.Port}"));
        await cell.StopAsync(Cancellation);
    }
}
