using System.Net.Sockets;
using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Git;

public sealed class GitCredentialBrokerTests : IAsyncDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"oncell-{Guid.NewGuid():N}"[..20]);
    private readonly GitCredentialBroker _broker;

    public GitCredentialBrokerTests() =>
        _broker = GitCredentialBroker.Start(_path, new BoundGitCredentials([new("https://git.test/acme/app.git", "bot", "s3cret")]));

    [Fact]
    public async Task A_bound_repository_gets_user_and_password() =>
        Assert.Equal("username=bot\npassword=s3cret\n", await AskAsync("protocol=https\nhost=git.test\npath=acme/app.git\n\n"));

    [Theory]
    [InlineData("protocol=https\nhost=git.test\npath=acme/other.git\n\n")]
    [InlineData("protocol=https\nhost=git.test\n\n")]
    [InlineData("protocol=https\nhost=git.test\npath=acme/app.git\nusername=somebody\n\n")]
    [InlineData("protocol=https\nhost=git.test\npath=acme/app.git\nhost=evil.test\n\n")]
    [InlineData("url=https://git.test/acme/app.git\n\n")]
    [InlineData("\n")]
    [InlineData("\nprotocol=https\nhost=git.test\npath=acme/app.git\n\n")]
    [InlineData("nonsense\n\n")]
    public async Task Anything_else_gets_nothing(string request) => Assert.Equal("", await AskAsync(request));

    [Fact]
    public async Task The_end_of_the_stream_ends_a_request_too() =>
        Assert.StartsWith("username=bot\n", await AskAsync("protocol=https\nhost=git.test\npath=acme/app\nusername=bot", end: true), StringComparison.Ordinal);

    [Fact]
    public async Task A_request_that_does_not_end_is_cut_at_its_limit() =>
        Assert.Equal("", await AskAsync("protocol=https\nhost=git.test\npath=" + new string('a', 40_000)));

    [Fact]
    public async Task A_provider_that_throws_gives_nothing_and_the_broker_lives()
    {
        var path = _path + "t";
        var provider = new Throwing();
        await using var broker = GitCredentialBroker.Start(path, provider);
        for (var i = 1; i <= 2; i++)
        {
            Assert.Equal("", await AskAsync("protocol=https\nhost=git.test\npath=a\n\n", path: path));
            Assert.Equal(i, provider.Asked);
        }
    }

    [Fact]
    public async Task The_provider_is_asked_in_one_plain_form()
    {
        var path = _path + "r";
        var provider = new Recording();
        await using var broker = GitCredentialBroker.Start(path, provider);
        await AskAsync("protocol=https\nhost=GIT.test:443\npath=/acme/app.git/\n\n", path: path);
        Assert.Equal(new GitCredentialRequest("https", "git.test", "acme/app"), provider.Asked);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    private async Task<string> AskAsync(string request, bool end = false, string? path = null)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path ?? _path), cancel);
        await using var stream = new NetworkStream(socket);
        try
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(request), cancel);
            if (end)
                socket.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(cancel);
        }
        catch (IOException)
        {
            return ""; // Cut while it was still sending.
        }
    }

    private sealed class Throwing : IGitCredentialProvider
    {
        public int Asked { get; private set; }

        public Task<GitCredential?> GetAsync(GitCredentialRequest request, CancellationToken cancellationToken)
        {
            Asked++;
            throw new InvalidOperationException("the vault is sealed");
        }
    }

    private sealed class Recording : IGitCredentialProvider
    {
        public GitCredentialRequest? Asked { get; private set; }

        public Task<GitCredential?> GetAsync(GitCredentialRequest request, CancellationToken cancellationToken)
        {
            Asked = request;
            return Task.FromResult<GitCredential?>(null);
        }
    }
}
