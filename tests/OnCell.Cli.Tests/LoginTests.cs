namespace OnCell.Cli.Tests;

/// <summary>Where the key comes from and where it is kept.</summary>
public sealed class LoginTests(Service service)
{
    [Fact]
    public async Task Without_a_login_it_says_how_to_log_in()
    {
        using var oncell = new Oncell(service) { Key = null };
        var outcome = await oncell.RunAsync("cells", "list");
        Assert.Equal((3, ""), (outcome.Code, outcome.Output));
        Assert.Contains("oncell login", outcome.Errors);
    }

    [Fact]
    public async Task A_login_is_checked_kept_for_its_user_only_and_used()
    {
        using var oncell = new Oncell(service) { Key = null };
        var wrong = await oncell.FeedAsync("not-the-key-of-this-service-0123456789\n", "login", "--url", service.Url, "--key-stdin");
        Assert.Equal(4, wrong.Code);
        Assert.False(File.Exists(oncell.CredentialsFile));

        var right = await oncell.FeedAsync(Service.AdministratorKey + "\n", "login", "--url", service.Url, "--key-stdin");
        Assert.Equal(0, right.Code);
        Assert.DoesNotContain(Service.AdministratorKey, right.Output + right.Errors);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(oncell.CredentialsFile));
        Assert.Contains("acme", await oncell.DoneAsync("cells", "list"));

        File.SetUnixFileMode(oncell.CredentialsFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var open = await oncell.RunAsync("cells", "list");
        Assert.Equal(3, open.Code);
        Assert.Contains("chmod 600", open.Errors);
    }

    [Theory]
    [InlineData(2, "customers", "create")]
    [InlineData(2, "no-such-command")]
    [InlineData(2, "run", "echo", "--customer", "acme", "--input", "[1")]
    [InlineData(2, "customers", "create", "Not/an/id")]
    [InlineData(2, "customers", "delete", "acme")]
    [InlineData(5, "cells", "inspect", "nobody")]
    [InlineData(5, "run", "noSuchMethod", "--customer", "acme")]
    [InlineData(6, "cells", "list", "--url", "http://127.0.0.1:9/v1")]
    public async Task What_is_wrong_has_a_line_and_a_code(int code, params string[] arguments)
    {
        using var oncell = new Oncell(service);
        var outcome = await oncell.RunAsync(arguments);
        Assert.Equal(code, outcome.Code);
        Assert.NotEqual("", outcome.Errors);
        Assert.DoesNotContain("   at ", outcome.Errors); // no stack trace
    }

    [Theory]
    [InlineData("bash", "complete -F")]
    [InlineData("zsh", "compdef")]
    [InlineData("fish", "complete -c oncell")]
    public async Task Shells_complete_its_words(string shell, string expected)
    {
        using var oncell = new Oncell(service) { Key = null };
        Assert.Contains(expected, await oncell.DoneAsync("completion", shell));
        Assert.Contains("resume", (await oncell.DoneAsync("[suggest:20]", "oncell customers res")).Split('\n').Select(w => w.Trim()));
    }
}
