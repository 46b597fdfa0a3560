using CsCheck;
using OnCell.LLamaSharp.Answers;

namespace OnCell.LLamaSharp.Tests.Answers;

public sealed class StopTextTests
{
    [Fact]
    public void However_a_text_is_cut_into_pieces_it_ends_before_the_first_stop()
    {
        var letters = Gen.Char["ab#"];
        var stops = Gen.String[letters, 1, 3].Array[0, 3];
        Gen.Select(Gen.String[letters, 0, 4].Array[0, 12], stops).Sample((pieces, ends) =>
        {
            var whole = string.Concat(pieces);
            // The stop that is complete first ends the text, and of those the one that began first.
            var first = ends.Select(s => (At: whole.IndexOf(s, StringComparison.Ordinal), s.Length)).Where(s => s.At >= 0).ToList();
            var text = new StopText(ends);
            var shown = string.Concat(pieces.Select(text.Add)) + text.End();
            Assert.Equal(first.Count > 0, text.Stopped);
            if (first.Count == 0) Assert.Equal(whole, shown);
            else Assert.Contains(first, s => shown == whole[..s.At]);
        });
    }

    [Fact]
    public void What_may_become_a_stop_is_held_back_and_shown_when_it_does_not()
    {
        var text = new StopText(["END"]);
        Assert.Equal("a", text.Add("aE"));
        Assert.Equal("", text.Add("N"));
        Assert.Equal("ENx", text.Add("x"));
        Assert.Equal("", text.Add("EN"));
        Assert.Equal("EN", text.End());
        Assert.False(text.Stopped);
    }
}
