using System.Buffers;
using OnCell.Indexing.Search;
using OnCell.Indexing.Storage;
using OnCell.Indexing.Tokens;

namespace OnCell.Indexing.Ranking;

/// <summary>Scores chunks for a query.</summary>
/// <remarks>
/// BM25 over the stems of identifiers' parts, for chunks and for whole files; whole identifiers, defined names, file and
/// folder names add evidence weighted by the rarity of the word in the text. A chunk's score is its own plus its file's.
/// </remarks>
internal sealed class ChunkRanker(IndexSnapshot snapshot, IndexReader reader, RankingWeights weights) : IDisposable
{
    /// <summary>The share of the possible evidence that makes a score of one half.</summary>
    private const float HalfScoreShare = 0.8f;

    /// <summary>Files smaller than this share of the average are not preferred any less.</summary>
    private const float SmallestSize = 0.1f;

    // Borrowed, because a hundred kilobytes for each query would keep the collector of large objects busy.
    private readonly float[] _chunks = Borrow<float>(snapshot.ChunkCount);
    private readonly float[] _files = Borrow<float>(snapshot.Files.Count);
    private readonly float[] _evidence = Borrow<float>(snapshot.Files.Count);
    private readonly int[] _fileCounts = Borrow<int>(snapshot.Files.Count);
    private readonly (int Slot, int Count)[] _postings = ArrayPool<(int Slot, int Count)>.Shared.Rent(snapshot.ChunkCount);
    private readonly List<int> _touchedFiles = [];
    private int _found;
    private float _best;

    /// <summary>A file in the order of hits: its best chunk, and the others once they are needed.</summary>
    private readonly record struct Place(int File, int Best, List<int>? Slots, int Next, float Decay);

    private ReadOnlySpan<(int Slot, int Count)> Found => _postings.AsSpan(0, _found);

    /// <summary>Lists the chunks that match, best first, as they are asked for.</summary>
    /// <param name="query">The query.</param>
    /// <param name="nearest">The chunks nearest by vector, nearest first; may be empty.</param>
    /// <remarks>A query without words matches every chunk its filter allows; usual files come first.</remarks>
    public IEnumerable<RankedChunk> Rank(SearchQuery query, List<(int Slot, float Cosine)> nearest)
    {
        foreach (var word in query.Words) AddWord(word);
        foreach (var compound in query.Compounds) AddCompound(compound);
        if (query.Words.Count == 0) _chunks.AsSpan(0, snapshot.ChunkCount).Fill(1);
        Combine();
        AddNearest(nearest);
        return Order(query.Filter);
    }

    private void AddWord(QueryWord word)
    {
        var wordWeight = word.IsName ? weights.Name : 0;
        var wholeIdf = AddText(Term.Whole(TermSpace.Word, word.Text), wordWeight, onFile: false);
        AddEvidence(Term.Whole(TermSpace.DefinedWord, word.Text), weights.DefinedWord * wholeIdf);
        AddFileEvidence(Term.Whole(TermSpace.FileWord, word.Text), weights.FileWord * wholeIdf);
        _best += wholeIdf * wordWeight;

        var position = 0;
        while (Identifiers.TryNextPart(word.Text, ref position, out var part))
        {
            if (part.Length < 2) continue;
            var idf = AddText(Term.Stem(TermSpace.Part, part), 1, onFile: true);
            AddEvidence(Term.Stem(TermSpace.DefinedPart, part), weights.DefinedPart * idf);
            AddFileEvidence(Term.Stem(TermSpace.FilePart, part), weights.FilePart * idf, byPrecision: true);
            AddFileEvidence(Term.Stem(TermSpace.FolderPart, part), weights.Folder * idf);
            _best += idf * (1 + weights.Coherence + weights.DefinedPart);
        }
    }

    private void AddCompound(string compound)
    {
        var idf = AddText(Term.Whole(TermSpace.Word, compound), weights.Compound, onFile: false);
        AddEvidence(Term.Whole(TermSpace.DefinedWord, compound), weights.DefinedCompound * idf);
        AddFileEvidence(Term.Whole(TermSpace.FileWord, compound), weights.FileCompound * idf);
    }

    /// <summary>Adds a term of the text.</summary>
    /// <returns>The term's inverse document frequency.</returns>
    private float AddText(ulong term, float weight, bool onFile)
    {
        Find(term);
        var idf = Idf(_found, snapshot.ChunkCount);
        if (weight == 0) return idf;
        foreach (var (slot, count) in Found)
        {
            var norm = 1 - weights.B + weights.B * snapshot.Lengths[slot] / snapshot.AverageLength;
            _chunks[slot] += weight * idf * count * (weights.K1 + 1) / (count + weights.K1 * norm);
            if (!onFile) continue;
            var file = snapshot.FileOf[slot];
            if (_fileCounts[file] == 0) _touchedFiles.Add(file);
            _fileCounts[file] += count;
        }

        var fileIdf = Idf(_touchedFiles.Count, snapshot.Files.Count);
        foreach (var file in _touchedFiles)
        {
            var count = _fileCounts[file];
            var norm = 1 - weights.FileB + weights.FileB * snapshot.FileLengths[file] / snapshot.AverageFileLength;
            _files[file] += weight * fileIdf * count * (weights.FileK1 + 1) / (count + weights.FileK1 * norm);
            _fileCounts[file] = 0;
        }

        _touchedFiles.Clear();
        return idf;
    }

    private void AddEvidence(ulong term, float weight)
    {
        Find(term);
        foreach (var (slot, _) in Found) _chunks[slot] += weight;
    }

    /// <summary>Adds evidence that all chunks of a file share.</summary>
    private void AddFileEvidence(ulong term, float weight, bool byPrecision = false)
    {
        Find(term);
        var last = -1;
        foreach (var (slot, _) in Found)
        {
            var file = snapshot.FileOf[slot];
            if (file == last) continue;
            _evidence[file] += byPrecision ? weight * MathF.Pow(snapshot.Files[file].NameParts, -weights.NamePrecision) : weight;
            last = file;
        }
    }

    private void Find(ulong term)
    {
        _found = 0;
        reader.ReadPostings(snapshot.Segments, term, this, static (data, ranker) => ranker.Collect(data));
    }

    private void Collect(ReadOnlySpan<byte> data)
    {
        var (postings, found) = (_postings, _found);
        for (var cursor = new PostingCursor(data); cursor.MoveNext();)
        {
            var slot = snapshot.SlotOf(cursor.Chunk);
            if (slot >= 0) postings[found++] = (slot, cursor.Count); // a chunk stands once in all segments
        }

        _found = found;
    }

    /// <summary>Adds to each chunk's own score what its file earned.</summary>
    private void Combine()
    {
        for (var file = 0; file < snapshot.Files.Count; file++)
        {
            if (_files[file] == 0 && _evidence[file] == 0 && _best > 0) continue;
            var entry = snapshot.Files[file];
            var size = snapshot.FileLengths[file] / snapshot.AverageFileLength;
            var factor = entry.Weight * (1 + weights.SizePrior * MathF.Log(Math.Max(SmallestSize, size)));
            var shared = weights.Coherence * _files[file] + _evidence[file];
            foreach (ref var score in _chunks.AsSpan(entry.FirstSlot, entry.ChunkCount)) score = (score + shared) * factor;
        }
    }

    /// <summary>
    /// Adds to each file what its nearest chunk by vector earns, between nothing for the farthest of them all and the full share for
    /// the nearest.
    /// </summary>
    /// <remarks>
    /// To all chunks of the file: words know better than vectors which of them to show, and a chunk that words did not find shows its
    /// file lower than one that they did.
    /// </remarks>
    private void AddNearest(List<(int Slot, float Cosine)> nearest)
    {
        if (nearest.Count < 2) return;
        var highest = 0f;
        foreach (var score in _chunks.AsSpan(0, snapshot.ChunkCount)) highest = Math.Max(highest, score);
        var (first, last) = (nearest[0].Cosine, nearest[^1].Cosine);
        if (highest == 0) highest = _best;
        var seen = new HashSet<int>();
        foreach (var (slot, cosine) in nearest)
        {
            if (!seen.Add(snapshot.FileOf[slot])) continue; // the first of a file is its nearest
            var entry = snapshot.Files[snapshot.FileOf[slot]];
            var share = first > last ? (cosine - last) / (first - last) : 1;
            var earned = weights.Dense * highest * share * entry.Weight;
            foreach (ref var score in _chunks.AsSpan(entry.FirstSlot, entry.ChunkCount)) score += earned;
        }
    }

    /// <summary>Lists the best chunk of each file, and further ones at a lower price each.</summary>
    /// <remarks>Equal scores go by path, so that the order does not depend on the order of indexing.</remarks>
    private IEnumerable<RankedChunk> Order(QueryFilter filter)
    {
        var order = new PriorityQueue<Place, (float Score, string Path)>(
            FilesByBestChunk(filter),
            Comparer<(float Score, string Path)>.Create(static (a, b) =>
                b.Score.CompareTo(a.Score) is var c && c != 0 ? c : string.CompareOrdinal(a.Path, b.Path)));
        while (order.TryDequeue(out var place, out var rank))
        {
            yield return new RankedChunk(place.Slots is null ? place.Best : place.Slots[place.Next], Calibrate(rank.Score));
            var slots = place.Slots ?? BestFirst(place.File);
            var next = place.Next + 1;
            if (next == slots.Count) continue;
            var decay = place.Decay * weights.SameFileDecay;
            order.Enqueue(new Place(place.File, place.Best, slots, next, decay), (_chunks[slots[next]] * decay, rank.Path));
        }
    }

    private IEnumerable<(Place Place, (float Score, string Path) Rank)> FilesByBestChunk(QueryFilter filter)
    {
        for (var file = 0; file < snapshot.Files.Count; file++)
        {
            var entry = snapshot.Files[file];
            var best = entry.FirstSlot;
            for (var slot = best + 1; slot < entry.FirstSlot + entry.ChunkCount; slot++)
            {
                if (_chunks[slot] > _chunks[best]) best = slot;
            }

            if (entry.ChunkCount == 0 || _chunks[best] <= 0 || !filter.AllowsFile(entry.Path)) continue;
            yield return (new Place(file, best, null, 0, 1), (_chunks[best], entry.Path));
        }
    }

    private List<int> BestFirst(int file)
    {
        var entry = snapshot.Files[file];
        var slots = new List<int>();
        for (var slot = entry.FirstSlot; slot < entry.FirstSlot + entry.ChunkCount; slot++)
        {
            if (_chunks[slot] > 0) slots.Add(slot);
        }

        slots.Sort((a, b) => _chunks[b].CompareTo(_chunks[a]) is var c && c != 0 ? c : a.CompareTo(b));
        return slots;
    }

    /// <summary>
    /// Brings a score to 0..1 by comparing it with what the words of the query could earn; words that the repository does
    /// not have count fully there, so a query about something else stays low.
    /// </summary>
    private float Calibrate(float score)
    {
        if (_best == 0) return Math.Min(score, 1); // no words, nothing to compare with
        var share = score / _best;
        return share / (share + HalfScoreShare);
    }

    /// <summary>Gives back what was borrowed; what <see cref="Rank"/> lists must have been read.</summary>
    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(_chunks);
        ArrayPool<float>.Shared.Return(_files);
        ArrayPool<float>.Shared.Return(_evidence);
        ArrayPool<int>.Shared.Return(_fileCounts);
        ArrayPool<(int Slot, int Count)>.Shared.Return(_postings);
    }

    private static T[] Borrow<T>(int length)
    {
        var array = ArrayPool<T>.Shared.Rent(length);
        Array.Clear(array, 0, length);
        return array;
    }

    private static float Idf(int matching, int all) => MathF.Log(1 + (all - matching + 0.5f) / (matching + 0.5f));
}
