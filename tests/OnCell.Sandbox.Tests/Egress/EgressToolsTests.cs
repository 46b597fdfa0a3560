using System.Net;
using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>The tools that people run in a cell, themselves, through the proxy.</summary>
public sealed class EgressToolsTests : IDisposable
{
    private readonly GitRepositories _folder = new();

    [Theory]
    [InlineData("http", "http")]
    [InlineData("https", "http")]
    [InlineData("http", "socks5h")]
    [InlineData("https", "socks5h")]
    public async Task Git_clones_and_pushes_a_private_repository_with_a_brokered_credential(string scheme, string proxy)
    {
        await _folder.MakeAsync("acme/app.git");
        var git = new GitServer(Under("repos"), "bot:s3cret");
        await using var server = scheme == "https" ? LoopbackServer.StartTls(git.ServeAsync) : LoopbackServer.Start(git.ServeAsync);
        await using var harness = ProxyHarness.Start($"git.test:{server.Port}", $"127.0.0.1/32:{server.Port}");
        harness.Resolver.Names["git.test"] = [IPAddress.Loopback];
        await using var door = UnixBridge.Start(harness.SocketPath);
        var url = $"{scheme}://git.test:{server.Port}/acme/app.git";
        await using var broker = GitCredentialBroker.Start(
            harness.SocketPath + "c", new BoundGitCredentials([new GitCredentialBinding(url, "bot", "s3cret")]));
        await using var helper = UnixBridge.Start(harness.SocketPath + "c");
        await File.WriteAllTextAsync(Under("ca.pem"), LoopbackServer.Certificate.ExportCertificatePem(), ProxyHarness.Cancel);
        string[] config =
        [
            "-c", $"http.proxy={proxy}://127.0.0.1:{door.Port}", "-c", "credential.useHttpPath=true", "-c", "http.postBuffer=65536", "-c", "user.name=t", "-c", "user.email=t@t",
            // What the guest's helper does: the request and an empty line to the host, and back what it says.
            "-c", $"credential.helper=!bash -c 'exec 3<>/dev/tcp/127.0.0.1/{helper.Port}; (cat; echo) >&3; cat <&3'",
        ];

        var cloned = await RunAsync("git", [.. config, "clone", url, Under("clone")]);
        Assert.True(cloned.ExitCode == 0, cloned.Output);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Under("clone/file.txt"), ProxyHarness.Cancel));
        await File.WriteAllBytesAsync(Under("clone/big.bin"), RandomBytes(300_000), ProxyHarness.Cancel);
        await RunAsync("git", ["-C", Under("clone"), "add", "."]);
        await RunAsync("git", ["-C", Under("clone"), .. config, "commit", "-q", "-m", "more"]);
        var pushed = await RunAsync("git", ["-C", Under("clone"), .. config, "push", "-q", "origin", "HEAD"]);
        Assert.True(pushed.ExitCode == 0, pushed.Output);
        Assert.Contains(git.Requests, line => line.Contains("git-receive-pack", StringComparison.Ordinal));
        Assert.True(await harness.NextEventAsync() is { Allowed: true, Host: "git.test" });

        // Another repository of the same server: no credential, and git does not ask a person.
        await _folder.MakeAsync("acme/other.git");
        var other = await RunAsync("git", [.. config, "clone", url.Replace("app.git", "other.git", StringComparison.Ordinal), Under("other")]);
        Assert.NotEqual(0, other.ExitCode);
    }

    [Fact]
    public async Task Git_fails_at_once_where_no_rule_allows_its_server()
    {
        await using var harness = ProxyHarness.Start("elsewhere.test");
        await using var door = UnixBridge.Start(harness.SocketPath);
        var cloned = await RunAsync("git", ["-c", $"http.proxy=http://127.0.0.1:{door.Port}", "clone", "https://git.test/acme/app.git", Under("clone")]);
        Assert.NotEqual(0, cloned.ExitCode);
        Assert.Contains("403", cloned.Output, StringComparison.Ordinal);
        Assert.Contains("add \"git.test\" to Network.Allow", (await harness.DenialAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apt_updates_from_a_mirror()
    {
        const string Packages = "Package: hello\nVersion: 1\nArchitecture: all\nFilename: ./hello.deb\nSize: 1\nMD5sum: 0\nDescription: x\n\n";
        await using var server = LoopbackServer.Start(async stream =>
        {
            while (await LoopbackServer.ReadHeadAsync(stream) is { Length: > 0 } head)
            {
                var found = head.Contains("Packages HTTP", StringComparison.Ordinal) ? Packages : null;
                await stream.WriteAsync(Encoding.ASCII.GetBytes(found is null
                    ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                    : $"HTTP/1.1 200 OK\r\nContent-Length: {found.Length}\r\n\r\n{found}"));
            }
        });
        await using var harness = ProxyHarness.Start("GET http://mirror.test/debian");
        harness.Publish("mirror.test", "93.184.215.14", server.EndPoint);
        await using var door = UnixBridge.Start(harness.SocketPath);
        await File.WriteAllTextAsync(Under("sources.list"), "deb [trusted=yes] http://mirror.test/debian ./\n", ProxyHarness.Cancel);
        foreach (var folder in new[] { "lists/partial", "cache/archives/partial", "empty" })
            Directory.CreateDirectory(Under(folder));
        await File.WriteAllTextAsync(Under("status"), "", ProxyHarness.Cancel);
        string[] options =
        [
            "-o", $"Acquire::http::Proxy=http://127.0.0.1:{door.Port}", "-o", $"Dir::Etc::SourceList={Under("sources.list")}",
            "-o", $"Dir::Etc::SourceParts={Under("empty")}", "-o", $"Dir::State::Lists={Under("lists")}",
            "-o", $"Dir::State::Status={Under("status")}", "-o", $"Dir::Cache={Under("cache")}", "-o", "APT::Sandbox::User=root",
            "-o", "Acquire::Retries=0",
        ];
        var updated = await RunAsync("apt-get", [.. options, "update"]);
        Assert.True(updated.ExitCode == 0, updated.Output);
        var shown = await RunAsync("apt-cache", [.. options, "show", "hello"]);
        Assert.Contains("Version: 1", shown.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Under(string path) => _folder.Under(path);

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments) => _folder.RunAsync(program, arguments);
}
