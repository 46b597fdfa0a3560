using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Git;

public sealed class BoundGitCredentialsTests
{
    [Theory]
    [InlineData("https", "github.com", "acme/app.git")]
    [InlineData("https", "github.com", "acme/app")]
    [InlineData("https", "GitHub.com:443", "/acme/app.git/")]
    [InlineData("https", "github.com.", "acme/app")]
    [InlineData("https", "github.com", "acme/app.git/info/lfs")]
    public async Task The_bound_repository_gets_its_credential(string protocol, string host, string path)
    {
        var bound = new BoundGitCredentials([new("https://github.com/acme/app.git", "u", "t")]);
        Assert.Equal(new GitCredential("u", "t"), await bound.GetAsync(new(protocol, host, path), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("http", "github.com", "acme/app.git")]
    [InlineData("https", "github.com:8443", "acme/app.git")]
    [InlineData("https", "github.com.evil.example", "acme/app.git")]
    [InlineData("https", "evilgithub.com", "acme/app.git")]
    [InlineData("https", "github.com@evil.example", "acme/app.git")]
    [InlineData("https", "github.com", "acme/app-private.git")]
    [InlineData("https", "github.com", "acme/app.git/other")]
    [InlineData("https", "github.com", "acme/app/info/lfs")]
    [InlineData("https", "github.com", "acme")]
    [InlineData("https", "github.com", "")]
    [InlineData("https", "github.com", "Acme/App.git")]
    [InlineData("https", "github.com", "acme/other/../app.git")]
    [InlineData("https", "github.com", "acme//app.git")]
    [InlineData("https", "github.com", "acme/./app.git")]
    [InlineData("https", "github.com", "acme%2fapp.git")]
    [InlineData("https", "github.com", "acme\\app.git")]
    [InlineData("https", "github.com", "acme/app.git?x")]
    [InlineData("https", "github.com\nevil", "acme/app.git")]
    [InlineData("file", "github.com", "acme/app.git")]
    [InlineData("HTTPS", "github.com", "acme/app.git")]
    public async Task Everything_else_gets_nothing(string protocol, string host, string path)
    {
        var bound = new BoundGitCredentials([new("https://github.com/acme/app.git", "u", "t")]);
        Assert.Null(await bound.GetAsync(new(protocol, host, path), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("https://github.com/acme/*", "acme/app.git", true)]
    [InlineData("https://github.com/acme/*", "acme/sub/app.git", true)]
    [InlineData("https://github.com/acme/*", "acme", false)]
    [InlineData("https://github.com/acme/*", "acme-evil/app.git", false)]
    [InlineData("https://github.com/acme/*", "acme/../evil/app.git", false)]
    [InlineData("https://github.com/*", "any/thing", true)]
    public async Task A_star_binds_what_lies_under_a_folder(string url, string path, bool covered)
    {
        var bound = new BoundGitCredentials([new(url, "u", "t")]);
        Assert.Equal(covered, await bound.GetAsync(new("https", "github.com", path), TestContext.Current.CancellationToken) is not null);
    }

    [Fact]
    public async Task The_most_specific_binding_wins()
    {
        var bound = new BoundGitCredentials([
            new("http://git.test:8080/*", "host", "t"), new("http://git.test:8080/acme/*", "folder", "t"), new("http://git.test:8080/acme/app", "repo", "t")]);
        foreach (var (path, user) in new[] { ("acme/app.git", "repo"), ("acme/b", "folder"), ("other/b", "host") })
            Assert.Equal(user, (await bound.GetAsync(new("http", "git.test:8080", path), TestContext.Current.CancellationToken))?.UserName);
    }

    [Fact]
    public void Every_bad_binding_is_reported_at_once_without_its_token()
    {
        var error = Assert.Throws<ArgumentException>(() => new BoundGitCredentials([
            new("github.com/acme/app", "u", "secret-token"),
            new("https://u:secret-token@github.com/acme/app", "u", "secret-token"),
            new("https://github.com/", "u", "secret-token"),
            new("https://github.com/a*/b", "u", "secret-token"),
            new("ssh://github.com/acme/app", "u", "secret-token"),
            new("https://github.com/acme/../app", "u", "secret-token"),
            new("https://github.com/acme/app", "u", ""),
            new("https://github.com/acme/app", "u", "secret-token\nhost=evil"),
            new("https://github.com/acme/app", "u", "secret-token")]));
        Assert.Equal(8, error.Message.Split('\n').Count(line => line.StartsWith("  ", StringComparison.Ordinal)));
        Assert.DoesNotContain("secret-token", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", new GitCredentialBinding("https://h/p", "u", "secret").ToString(), StringComparison.Ordinal);
    }
}
