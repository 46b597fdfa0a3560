using OnCell.Indexing.Languages;
using OnCell.Indexing.Storage;
using OnCell.Indexing.Tokens;

namespace OnCell.Indexing.Search;

/// <summary>Makes a query of a place in the code: the identifiers that set it apart.</summary>
internal static class RelatedFinder
{
    private const int MaxWords = 16;

    /// <summary>Finds the chunk at a line.</summary>
    /// <returns>Its slot, or the nearest before it; -1 where the file is not indexed.</returns>
    public static int SlotAt(IndexReader reader, IndexSnapshot snapshot, string path, int line)
    {
        foreach (var file in snapshot.Files)
        {
            if (!string.Equals(file.Path, path, StringComparison.Ordinal)) continue;
            var slot = -1;
            for (var i = 0; i < file.ChunkCount; i++)
            {
                if (slot >= 0 && reader.ReadChunk(file.FirstChunk + i).StartLine > line) break;
                slot = file.FirstSlot + i;
            }

            return slot;
        }

        return -1;
    }

    /// <summary>Makes the query: the words of the text that are frequent in it and rare in the index.</summary>
    public static SearchQuery MakeQuery(IndexReader reader, IndexSnapshot snapshot, string text)
    {
        var counts = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var position = 0;
        while (Identifiers.TryNext(text, ref position, out var identifier))
        {
            if (identifier.Length < 3 || StopWords.Contains(identifier) || DefinitionFinder.IsKeyword(identifier)) continue;
            var name = identifier.ToString();
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        var words = counts
            .Select(c => (Word: c.Key, Weight: Weigh(c.Value, CountChunks(reader, snapshot, c.Key), snapshot.ChunkCount)))
            .Where(w => w.Weight > 0)
            .OrderByDescending(w => w.Weight).ThenBy(w => w.Word, StringComparer.Ordinal)
            .Take(MaxWords).Select(w => w.Word).ToList();
        return new SearchQuery(
            [.. words.Select(w => new QueryWord(w, IsName: true))], [], new QueryFilter(null, new HashSet<string>(), [], null));
    }

    /// <summary>A word that stands in no other chunk leads nowhere.</summary>
    private static double Weigh(int count, int chunks, int all)
        => chunks < 2 ? 0 : (1 + Math.Log(count)) * Math.Log((double)all / chunks);

    private static int CountChunks(IndexReader reader, IndexSnapshot snapshot, string word)
    {
        var chunks = new Counter();
        reader.ReadPostings(snapshot.Segments, Term.Whole(TermSpace.Word, word), chunks, static (data, counter) =>
        {
            for (var cursor = new PostingCursor(data); cursor.MoveNext();) counter.Value++;
        });
        return chunks.Value;
    }

    private sealed class Counter
    {
        public int Value { get; set; }
    }
}
