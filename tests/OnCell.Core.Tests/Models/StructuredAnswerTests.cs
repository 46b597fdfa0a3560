using OnCell.Models;

namespace OnCell.Core.Tests.Models;

public sealed class StructuredAnswerTests
{
    private sealed record Plan(string Goal, int Steps);

    [Theory]
    [InlineData("""{"goal":"x","steps":2}""")]
    [InlineData("Here it is:\n```json\n{\"goal\":\"x\",\"steps\":2}\n```\nDone.")]
    public void Json_is_read_from_what_surrounds_it(string text)
    {
        Assert.True(StructuredAnswer.TryRead<Plan>(text, out var plan, out _));
        Assert.Equal(new Plan("x", 2), plan);
    }

    [Theory]
    [InlineData("I cannot do that.", "no JSON")]
    [InlineData("""{"goal":"x","steps":"two"}""", "steps")]
    [InlineData("""{"goal":"x",""", "no JSON")]
    [InlineData("}{", "no JSON")]
    public void What_is_wrong_is_said(string text, string error)
    {
        Assert.False(StructuredAnswer.TryRead<Plan>(text, out _, out var said));
        Assert.Contains(error, said);
    }
}
