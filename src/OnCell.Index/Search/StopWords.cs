using System.Collections.Frozen;

namespace OnCell.Indexing.Search;

/// <summary>Words of questions that say nothing about code.</summary>
internal static class StopWords
{
    private static readonly FrozenSet<string> Words =
        ("a an and any are as at be been being but by can could did do does doing for from had has have having how i if in " +
         "into is it its itself of on onto or our should so than that the their them then there these they this those " +
         "through to too under until up via was we were what when where which while who whom why will with within would " +
         "you your using used use uses show find where's me my about between across each both all")
        .Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool Contains(ReadOnlySpan<char> word)
        => Words.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);
}
