using System.Diagnostics;

namespace OnCell.Core.Tests.Shell;

/// <summary>What a hole can and cannot do, decided by a real <c>sh</c>.</summary>
public sealed class ShellCommandTests
{
    private static string Line(ShellCommand command) => command.ToString();

    [Theory]
    [InlineData("plain")]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("'; touch /tmp/pwned; '")]
    [InlineData("$(touch /tmp/pwned)")]
    [InlineData("`id`")]
    [InlineData("a\nb")]
    [InlineData("\\")]
    [InlineData("\"")]
    [InlineData("*")]
    [InlineData("~")]
    [InlineData("a=b")]
    [InlineData("#x")]
    [InlineData("!x")]
    [InlineData("é\u00a0ü")]
    public void A_value_is_one_word_of_the_line(string value)
    {
        Assert.Equal($"[{value}]", Sh(Line($"printf '[%s]' {value}")));
    }

    [Fact]
    public void Any_text_is_one_word_of_the_line()
    {
        var random = new Random(7);
        const string alphabet = "ab '\"\\$`(){}<>|&;#*?[]~!\n\t=-";
        for (var i = 0; i < 50; i++)
        {
            var value = new string([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            Assert.Equal($"[{value}][{value}]", Sh(Line($"printf '[%s]' {value} {value}")));
        }
    }

    [Fact]
    public void A_sequence_is_one_word_each()
    {
        string[] files = ["a b", "c'd", ""];
        Assert.Equal("[a b][c'd][]", Sh(Line($"printf '[%s]' {files}")));
    }

    [Fact]
    public void A_hole_beside_text_joins_its_word()
    {
        Assert.Equal("[--file=a b.txt]", Sh(Line($"printf '[%s]' --file={"a b"}.txt")));
    }

    [Fact]
    public void A_hole_in_a_command_substitution_is_quoted_there()
    {
        var value = "x'; echo pwned";
        Assert.Equal("x'; echo pwned", Sh(Line($"echo $(printf %s {value})")).TrimEnd());
    }

    [Fact]
    public void A_hole_where_quoting_cannot_protect_is_refused()
    {
        var v = "x";
        Assert.Contains("inside quotes", Refused(() => Line($"echo '{v}'")));
        Assert.Contains("inside quotes", Refused(() => Line($"echo \"a {v}\"")));
        Assert.Contains("inside backticks", Refused(() => Line($"echo `{v}`")));
        Assert.Contains("after a backslash", Refused(() => Line($"echo \\{v}")));
        Assert.Contains("inside ${", Refused(() => Line($"echo ${{x:-{v}}}")));
        Assert.Contains("$((", Refused(() => Line($"echo $(( {v} + 1 ))")));
        Assert.Contains("here-document", Refused(() => Line($"cat <<E\n{v}\nE")));
        Assert.Contains("comment", Refused(() => Line($"true # {v}")));
        Assert.Contains("dollar", Refused(() => Line($"echo ${v}")));
    }

    [Fact]
    public void Text_after_closed_quotes_takes_holes_again()
    {
        var v = "x y";
        Assert.Equal("it's \"q\" z x y", Sh(Line($"echo 'it'\\''s' \"\\\"q\\\"\" `echo z` {v}")).TrimEnd());
    }

    [Fact]
    public void A_NUL_is_refused()
    {
        Assert.Contains("NUL", Refused(() => Line($"echo {"a\0b"}")));
    }

    [Fact]
    public void Numbers_are_written_the_same_everywhere()
    {
        Assert.Equal("sleep 0.5", Line($"sleep {0.5}"));
    }

    private static string Refused(Func<string> line) => Assert.Throws<ArgumentException>(line).Message;

    private static string Sh(string line)
    {
        using var sh = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line])
        {
            RedirectStandardOutput = true,
        })!;
        var text = sh.StandardOutput.ReadToEnd();
        sh.WaitForExit();
        return text;
    }
}
