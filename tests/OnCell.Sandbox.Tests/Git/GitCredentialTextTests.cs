using System.Text;
using CsCheck;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Git;

namespace OnCell.Sandbox.Tests.Git;

public sealed class GitCredentialTextTests
{
    [Fact]
    public void What_git_sends_is_read()
    {
        Assert.True(Parse("capability[]=authtype\nprotocol=https\nhost=git.test:8443\npath=acme/repo.git\nwwwauth[]=Basic realm=\"x\"\n", out var fields));
        Assert.Equal(new GitCredentialFields("https", "git.test:8443", "acme/repo.git", null), fields);
    }

    [Fact]
    public void A_value_may_hold_an_equals_sign()
    {
        Assert.True(Parse("protocol=https\nhost=git.test\npath=a=b\nusername=u=1", out var fields));
        Assert.Equal(("a=b", "u=1"), (fields!.Path, fields.UserName));
    }

    [Theory]
    [InlineData("host=git.test\n")]
    [InlineData("protocol=https\n")]
    [InlineData("protocol=https\nhost=git.test\nhost=evil.test\n")]
    [InlineData("protocol=https\nprotocol=https\nhost=git.test\n")]
    [InlineData("protocol=https\nhost=git.test\npath=a\npath=b\n")]
    [InlineData("url=https://evil.test/\nprotocol=https\nhost=git.test\n")]
    [InlineData("protocol=https\nhost=git.test\nurl=https://evil.test/\n")]
    [InlineData("protocol=https\nhost=git.test\r\npath=a\n")]
    [InlineData("protocol=https\nhost=git.test\0evil\n")]
    [InlineData("protocol=https\nhost\n")]
    [InlineData("=https\nhost=git.test\n")]
    [InlineData("protocol=https\n=\nhost=git.test\n")]
    public void What_could_be_read_in_two_ways_is_refused(string text) => Assert.False(Parse(text, out _));

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused() =>
        Assert.False(GitCredentialText.TryParse([.. "protocol=https\nhost=git"u8, 0xFF], out _, out _));

    [Theory]
    [InlineData("user\nhost=evil", "x")]
    [InlineData("user", "x\nusername=y")]
    [InlineData("user", "x\0")]
    [InlineData("user", "x\r")]
    [InlineData("", "x")]
    [InlineData("user", "")]
    public void A_credential_that_would_write_lines_of_its_own_is_never_sent(string user, string password)
    {
        var error = Assert.Throws<FormatException>(() => GitCredentialText.Format(new GitCredential(user, password)));
        Assert.DoesNotContain("evil", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_and_no_value_holds_a_line_break() =>
        Gen.OneOf(Gen.Byte, Gen.Char["=\nprotocolhostpath"].Select(c => (byte)c)).Array[0, 200].Sample(bytes =>
            !GitCredentialText.TryParse(bytes, out var fields, out var problem)
                ? problem.Length > 0
                : !$"{fields.Protocol}{fields.Host}{fields.Path}{fields.UserName}".AsSpan().ContainsAny("\n\r\0"));

    private static bool Parse(string text, out GitCredentialFields? fields) =>
        GitCredentialText.TryParse(Encoding.UTF8.GetBytes(text), out fields, out _);
}
