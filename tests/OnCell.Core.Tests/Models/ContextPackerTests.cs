using OnCell.Indexing;
using OnCell.Models;

namespace OnCell.Core.Tests.Models;

public sealed class ContextPackerTests
{
    private static SearchHit Hit(string path, int length) => new(path, 1, 2, new string('x', length), 0.5);

    [Fact]
    public void Hits_come_whole_best_first_within_the_budget()
    {
        var text = ContextPacker.Pack("the question", [Hit("a", 100), Hit("big", 10_000), Hit("b", 100)], maxTokens: 200);
        Assert.Contains("--- a, lines 1-2", text);
        Assert.DoesNotContain("big", text);
        Assert.Contains("--- b, lines 1-2", text);
        Assert.EndsWith("the question", text);
        Assert.True(text.Length <= 800 + "the question".Length + 1);
    }

    [Fact]
    public void Without_hits_the_prompt_stays_as_it_is() => Assert.Equal("q", ContextPacker.Pack("q", [], 100));
}
