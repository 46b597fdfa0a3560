using OnCell.Demo;
using OnCell.Demo.Checks;
using OnCell.Demo.GitHost;

namespace OnCell.EndToEnd.Tests.Demo;

public sealed class GitServerTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "oncell-git-" + Path.GetRandomFileName());
    private GitServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var bare = Path.Combine(_folder, "served", "project.git");
        Directory.CreateDirectory(Path.GetDirectoryName(bare)!);
        await Tool.RunAsync("git", ["init", "--quiet", "--bare", "--initial-branch=main", bare], Cancellation);
        await Tool.RunAsync("git", ["-C", bare, "config", "http.receivepack", "true"], Cancellation);
        _server = await GitServer.StartAsync(Path.Combine(_folder, "served"), Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Serves_clone_and_push_to_who_has_the_token()
    {
        var clone = Path.Combine(_folder, "clone");
        await Tool.RunAsync("git", ["clone", "--quiet", Url(_server.Token), clone], Cancellation);

        // Larger than git's post buffer, so that git sends it in chunks.
        await File.WriteAllBytesAsync(Path.Combine(clone, "big"), Noise(3 << 20), Cancellation);
        await Tool.RunAsync("git", ["-C", clone, "add", "--all"], Cancellation);
        await Tool.RunAsync("git", ["-C", clone, "-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "--quiet", "-m", "first"], Cancellation);
        await Tool.RunAsync("git", ["-C", clone, "push", "--quiet", "origin", "HEAD:refs/heads/main", "HEAD:refs/heads/other"], Cancellation);

        var repository = new RepositoryCheck(Path.Combine(_folder, "served", "project.git"));
        Assert.Equal(["main", "other"], await repository.BranchesAsync(Cancellation));
        Assert.Equal(0, await repository.CountCommitsAsync("other", Cancellation));
        Assert.True(_server.Pushes >= 1);
    }

    [Fact]
    public async Task Refuses_a_wrong_token()
    {
        var error = await Assert.ThrowsAsync<ToolException>(
            () => Tool.RunAsync("git", ["-c", "core.askPass=true", "ls-remote", Url("wrong")], Cancellation));

        Assert.Contains("Authentication failed", error.Message, StringComparison.Ordinal);
        Assert.True(_server.Refused > 0);
    }

    private string Url(string token) => $"http://{GitServer.UserName}:{token}@127.0.0.1:{_server.Port}/project.git";

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
