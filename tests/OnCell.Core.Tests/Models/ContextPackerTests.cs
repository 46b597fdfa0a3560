using OnCell.Indexing;
using OnCell.Models;

namespace OnCell.Core.Tests.Models;

public sealed class ContextPackerTests
{
    private static SearchHit Hit(string path, int length, int start = 1, int end = 2) => new(path, start, end, new string('x', length), 0.5);

    [Fact]
    public void Hits_come_whole_best_first_within_the_budget()
    {
        var text = ContextPacker.Pack(
            "the question", new() { Context = [Hit("a", 100), Hit("big", 10_000), Hit("b", 100)], MaxContextTokens = 200 });
        Assert.Contains("--- a, lines 1-2", text);
        Assert.DoesNotContain("big", text);
        Assert.Contains("--- b, lines 1-2", text);
        Assert.EndsWith("the question", text);
        Assert.True(TokenEstimate.Of(text) <= 200 + TokenEstimate.Of("the question"));
    }

    [Fact]
    public void A_hit_inside_another_is_left_out()
    {
        var text = ContextPacker.Pack("q", new() { Context = [Hit("a", 50, 1, 20), Hit("a", 20, 5, 9), Hit("a", 20, 18, 30)] });
        Assert.DoesNotContain("lines 5-9", text);
        Assert.Contains("lines 18-30", text);
    }

    [Fact]
    public void Texts_come_first_and_a_long_one_keeps_its_ends()
    {
        var options = new LlmOptions
        {
            Texts = [new("diff", "HEAD" + new string('d', 10_000) + "TAIL"), new("log", new string('l', 400))],
            Context = [Hit("a", 100)],
            MaxContextTokens = 500,
        };
        var text = ContextPacker.Pack("q", options);
        Assert.StartsWith("--- diff\nHEAD", text);
        Assert.Contains("TAIL", text);
        Assert.Contains("characters left out", text);
        Assert.True(TokenEstimate.Of(text) <= 520, $"{TokenEstimate.Of(text)}");
    }

    [Fact]
    public void Without_context_the_prompt_stays_as_it_is() => Assert.Equal("q", ContextPacker.Pack("q", new()));

    [Theory]
    [InlineData("", 0)]
    [InlineData("abcd", 1)]
    [InlineData("abcde", 2)]
    [InlineData("日本語", 3)]
    public void Four_ascii_characters_or_one_other_are_a_token(string text, int tokens) => Assert.Equal(tokens, TokenEstimate.Of(text));

    [Fact]
    public void Cutting_splits_no_surrogate_pair()
    {
        var text = string.Concat(Enumerable.Repeat("😀", 500));
        for (var budget = 1; budget < 60; budget++)
        {
            var cut = TokenEstimate.Fit(text, budget);
            Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(cut)));
        }
    }
}
