using System.Text;
using System.Text.Json;
using OnCell.Secrets;

namespace OnCell.Core.Tests.Secrets;

/// <summary>No spelling of a secret passes, wherever a stream is cut.</summary>
public sealed class RedactorTests
{
    private const string Value = "p@ss+w0rd/\"with' <all>\\sorts";
    private const string Mark = "[secret:TOKEN]";

    private readonly Redactor _redactor = new([("TOKEN", Value)]);

    public static TheoryData<string> Spellings => new(
        Value,
        JsonSerializer.Serialize(Value).Trim('"'),
        JsonSerializer.Serialize(JsonSerializer.Serialize(Value).Trim('"')).Trim('"'),
        Uri.EscapeDataString(Value),
        Convert.ToHexString(Encoding.UTF8.GetBytes(Value)),
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Value)),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Value)));

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Every_usual_spelling_is_removed(string spelling)
    {
        var clean = _redactor.Redact($"before {spelling} between {spelling} after");
        Assert.StartsWith($"before {Mark}", clean);
        Assert.EndsWith(" after", clean);
        Assert.DoesNotContain(spelling.TrimEnd('=')[2..^2], clean);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Base64_is_found_at_every_place_in_a_longer_text(int before)
    {
        var whole = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('x', before) + Value + "tail"));
        Assert.Contains(Mark, _redactor.Redact(whole));
    }

    [Fact]
    public void A_stream_cut_anywhere_shows_nothing()
    {
        var text = $"start {Value} middle {Value[..5]} end {Value}";
        for (var cut = 0; cut <= text.Length; cut++)
        {
            for (var second = cut; second <= text.Length; second += 7)
            {
                var stream = new StreamRedactor(_redactor);
                var shown = stream.Add(text[..cut]) + stream.Add(text[cut..second]) + stream.Add(text[second..]) + stream.End();
                Assert.Equal($"start {Mark} middle {Value[..5]} end {Mark}", shown);
            }
        }
    }

    [Fact]
    public void A_stream_is_not_held_up_where_nothing_begins()
    {
        var stream = new StreamRedactor(_redactor);
        Assert.Equal("line 1\n", stream.Add("line 1\n"));
        Assert.Equal("", stream.Add(Value[..4]));
        Assert.Equal(Value[..4] + "!", stream.Add("!"));
    }

    [Fact]
    public void The_longer_of_two_secrets_that_begin_alike_is_the_one()
    {
        var redactor = new Redactor([("SHORT", "abcdefgh"), ("LONG", "abcdefgh-ijkl")]);
        Assert.Equal("[secret:LONG] [secret:SHORT]", redactor.Redact("abcdefgh-ijkl abcdefgh"));
    }

    [Fact]
    public void Each_telling_line_of_a_key_is_removed()
    {
        var redactor = new Redactor([("KEY", "-----BEGIN KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQ\nEFAASCAUAwggE8AgEAAkEAq7BF\n-----END KEY-----\n")]);
        var clean = redactor.Redact("-----BEGIN KEY-----\r\n  MIIBVgIBADANBgkqhkiG9w0BAQ\r\n  EFAASCAUAwggE8AgEAAkEAq7BF\r\n");
        Assert.DoesNotContain("MIIB", clean);
        Assert.DoesNotContain("EFAA", clean);
    }

    [Fact]
    public void Text_without_a_secret_is_the_very_text()
    {
        const string text = "nothing to see";
        Assert.Same(text, _redactor.Redact(text));
        Assert.Same(text, Redactor.None.Redact(text));
    }
}
