using OnCell.Indexing.Tokens;

namespace OnCell.Index.Tests.Tokens;

public sealed class TokenTests
{
    [Theory]
    [InlineData("parseHTTPHeader_v2", "parse HTTP Header v2")]
    [InlineData("__init__", "init")]
    [InlineData("utf8Decode", "utf8 Decode")]
    [InlineData("ZodType", "Zod Type")]
    [InlineData("a", "a")]
    [InlineData("snake_case_name", "snake case name")]
    public void Identifiers_split(string identifier, string expected)
    {
        var parts = new List<string>();
        var position = 0;
        while (Identifiers.TryNextPart(identifier, ref position, out var part)) parts.Add(part.ToString());
        Assert.Equal(expected, string.Join(' ', parts));
    }

    [Fact]
    public void Identifiers_are_found_in_text()
    {
        var found = new List<string>();
        var position = 0;
        while (Identifiers.TryNext("if (x == foo_bar(größe, 12345678)) return 404;", ref position, out var identifier))
            found.Add(identifier.ToString());
        Assert.Equal(["if", "foo_bar", "größe", "return", "404"], found);
    }

    [Theory]
    [InlineData("parser parsing parsed parse parses")]
    [InlineData("authentication authenticate authenticated authenticator authenticates")]
    [InlineData("router routing route routes")]
    [InlineData("serialize serializer serialization serialized")]
    [InlineData("connection connect connected connecting connections")]
    [InlineData("logger logging log logs", "log")]
    [InlineData("query queries")]
    [InlineData("class classes")]
    public void Forms_of_a_word_share_a_stem(string forms, string? expected = null)
    {
        var stems = forms.Split(' ').Where(f => f.Length > 3 || expected is not null).Select(Stem).Distinct().ToArray();
        Assert.Single(stems);
        if (expected is not null) Assert.Equal(expected, stems[0]);
    }

    [Theory]
    [InlineData("string")]
    [InlineData("status")]
    [InlineData("axis")]
    [InlineData("größe")]
    public void Some_words_stay(string word) => Assert.Equal(word, Stem(word));

    private static string Stem(string word)
    {
        var characters = word.ToCharArray();
        return new string(characters, 0, LightStemmer.Stem(characters));
    }
}
