using System.Text;
using OnCell.Indexing.Storage;
using OnCell.Indexing.Tokens;

namespace OnCell.Indexing.Search;

/// <summary>Ranks files and their definitions by who refers to them, and draws as many as fit.</summary>
/// <remarks>
/// PageRank (<see href="http://ilpubs.stanford.edu:8090/422/"/>) over files: a file that mentions a name passes on rank to
/// the files that define it, the less the more files mention it.
/// </remarks>
internal sealed class RepoMapper(IndexReader reader, IndexSnapshot snapshot)
{
    private const int MaxNames = 100_000;
    private const int MaxDefinitionsOfName = 4;
    private const int MaxMentions = 400;
    private const int ShortestName = 4;
    private const int SymbolsPerFile = 12;
    private const int Rounds = 20;
    private const double Damping = 0.85;
    private const int CharactersPerToken = 4;

    private readonly List<(int From, int To, double Weight)> _edges = [];
    private readonly List<Symbol>[] _symbols = new List<Symbol>[snapshot.Files.Count];

    private sealed record Symbol(string Name, string Kind, int Line, int File)
    {
        public double Weight { get; set; }
    }

    public RepoMap Draw(int tokenBudget, CancellationToken ct)
    {
        Connect(ct);
        var rank = Rank();
        var text = new StringBuilder();
        var (files, symbols) = (0, 0);
        foreach (var file in Enumerable.Range(0, rank.Length).OrderByDescending(f => rank[f] * snapshot.Files[f].Weight)
            .ThenBy(f => snapshot.Files[f].Path, StringComparer.Ordinal))
        {
            if (_symbols[file] is not { Count: > 0 } defined) continue;
            var section = new StringBuilder(snapshot.Files[file].Path).Append(":\n");
            var shown = defined.OrderByDescending(s => s.Weight).ThenBy(s => s.Line).Take(SymbolsPerFile).OrderBy(s => s.Line).ToList();
            foreach (var symbol in shown) section.Append("  ").Append(symbol.Line).Append(": ").Append(symbol.Kind).Append(' ').Append(symbol.Name).Append('\n');
            if (text.Length + section.Length > tokenBudget * CharactersPerToken) break;
            text.Append(section);
            files++;
            symbols += shown.Count;
        }

        return new RepoMap(text.ToString(), files, symbols, (text.Length + CharactersPerToken - 1) / CharactersPerToken);
    }

    /// <summary>Reads the definitions and who mentions them.</summary>
    private void Connect(CancellationToken ct)
    {
        foreach (var group in ReadSymbols().GroupBy(s => LastPart(s.Name), StringComparer.OrdinalIgnoreCase).Take(MaxNames))
        {
            ct.ThrowIfCancellationRequested();
            var defining = group.Select(s => s.File).Distinct().ToList();
            if (group.Key.Length < ShortestName || defining.Count > MaxDefinitionsOfName) continue;
            var mentioning = Mentions(group.Key);
            if (mentioning.Count > MaxMentions) continue;
            var weight = 1.0 / (Math.Sqrt(mentioning.Count) * defining.Count);
            foreach (var from in mentioning)
            {
                foreach (var to in defining)
                {
                    if (from != to) _edges.Add((from, to, weight));
                }
            }

            foreach (var symbol in group) symbol.Weight = Math.Sqrt(mentioning.Count) / defining.Count;
        }
    }

    private IEnumerable<Symbol> ReadSymbols()
    {
        using var read = new RawStatement(
            reader.Connection, "SELECT chunk, line, name, kind FROM symbol WHERE kind <> 'heading'");
        while (read.Step())
        {
            var slot = snapshot.SlotOf(read.Long(0));
            if (slot < 0) continue;
            var file = snapshot.FileOf[slot];
            var symbol = new Symbol(read.Text(2), read.Text(3), (int)read.Long(1), file);
            (_symbols[file] ??= []).Add(symbol);
            yield return symbol;
        }
    }

    private HashSet<int> Mentions(string name)
    {
        var files = new HashSet<int>();
        reader.ReadPostings(snapshot.Segments, Term.Whole(TermSpace.Word, name), (snapshot, files), static (data, state) =>
        {
            for (var cursor = new PostingCursor(data); cursor.MoveNext();)
            {
                var slot = state.snapshot.SlotOf(cursor.Chunk);
                if (slot >= 0) state.files.Add(state.snapshot.FileOf[slot]);
            }
        });
        return files;
    }

    private double[] Rank()
    {
        var count = snapshot.Files.Count;
        var outgoing = new double[count];
        foreach (var (from, _, weight) in _edges) outgoing[from] += weight;
        var rank = new double[count];
        Array.Fill(rank, 1.0 / Math.Max(1, count));
        for (var round = 0; round < Rounds; round++)
        {
            var next = new double[count];
            var loose = 0.0; // the rank of files that mention nothing goes to all
            for (var file = 0; file < count; file++) loose += outgoing[file] == 0 ? rank[file] : 0;
            Array.Fill(next, (1 - Damping + Damping * loose) / count);
            foreach (var (from, to, weight) in _edges) next[to] += Damping * rank[from] * weight / outgoing[from];
            rank = next;
        }

        return rank;
    }

    private static string LastPart(string name)
    {
        var at = name.LastIndexOfAny(['.', ':', '\\']);
        return at < 0 || at == name.Length - 1 ? name : name[(at + 1)..];
    }
}
