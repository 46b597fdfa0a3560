using System.Text.RegularExpressions;
using CsCheck;
using OnCell.Index.Tests.Support;
using OnCell.Indexing;
using OnCell.Indexing.Search;
using OnCell.Indexing.Storage;

namespace OnCell.Index.Tests.Search;

public sealed class RegexLiteralsTests
{
    private static readonly Gen<string> Fragment = Gen.OneOf(
        "abc", "ab", "c", "b+", "a*", "bca?", "(abc)", "(abc)?", "(ab|ca)", "[ab]c", "[^a]", "[]a]", ".", ".*", "\\w", "\\b", "\\.", "\\(", "a{2}",
        "b{0,2}", "ab{2,}c", "^", "$", "\\x61", "\\u0062", "\\p{L}", "(?i)", "(?i:ABC)", "(?x) a b c", "(?:abc)+", "\\101", "caba", "K", "ß", "[a-c]{3}");

    private static readonly Gen<string> Text = Gen.OneOf("a", "b", "c", "abc", "cab", "caba", ".", "(", "K", "ß", " ", "A", "B", "bcab").Array[0, 12].Select(string.Concat);

    [Fact]
    public void No_chunk_that_matches_is_passed_over()
        => Gen.Select(Fragment.Array[1, 5].Select(string.Concat), Text).Sample(
            (pattern, text) =>
            {
                Regex regex;
                try
                {
                    regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.Multiline | RegexOptions.CultureInvariant);
                }
                catch (ArgumentException)
                {
                    return true; // not an expression
                }

                var signature = new byte[TrigramSignature.Bytes];
                TrigramSignature.Add(text, signature);
                return !regex.IsMatch(text) || TrigramSignature.Has(signature, TrigramSignature.BitsOf(RegexLiterals.Of(pattern)));
            },
            iter: 3_000);

    [Theory]
    [InlineData("def \\w+_session\\(", "def |_session(")]
    [InlineData("class Router", "class Router")]
    [InlineData("foo|bar", "")]
    [InlineData("(foo|bar)baz", "baz")]
    [InlineData("[a-z]+Handler?", "Handle")]
    [InlineData("abcd*efg", "abc|efg")]
    [InlineData("abc+def", "abc|def")]
    [InlineData("(?x) a b c d", "")]
    [InlineData("0x[0-9A-F]{8}", "")]
    [InlineData("\\x61bcd", "bcd")]
    public void Sure_texts_are_found(string pattern, string expected)
        => Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries), RegexLiterals.Of(pattern));

    [Fact]
    public async Task Far_more_chunks_than_are_read_are_searched()
    {
        using var folder = new TempFolder();
        var ct = TestContext.Current.CancellationToken;
        for (var i = 0; i < 300; i++) folder.Write($"work/f{i}.py", $"def function_{i}():\n    return {i}\n");
        folder.Write("work/tests/needle.py", "def hidden_needle_17(): pass\n");
        await using var index = await CodeIndex.OpenAsync(folder.Path("index.db"), ct: ct);
        await index.IndexAsync(folder.Path("work"), ct: ct);
        Assert.Equal("tests/needle.py", Assert.Single(await index.SearchAsync("regex:hidden_\\w+_17", ct: ct)).Path);
        Assert.Equal("tests/needle.py", Assert.Single(await index.SearchAsync("\"Hidden_Needle\"", ct: ct)).Path);
        Assert.Empty(await index.SearchAsync("regex:hidden_[a-z]+_18", ct: ct));

        // Also after a file has changed.
        folder.Write("work/f7.py", "x = 'another_hidden_word_17'\n");
        await index.IndexAsync(folder.Path("work"), ct: ct);
        Assert.Equal(2, (await index.SearchAsync("regex:hidden_\\w+_17", ct: ct)).Count);
    }
}
