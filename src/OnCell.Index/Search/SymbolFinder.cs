using OnCell.Indexing.Storage;

namespace OnCell.Indexing.Search;

/// <summary>Finds definitions by name: equal names first, then those that begin with it, then those that hold it.</summary>
internal static class SymbolFinder
{
    private const string Columns = "SELECT chunk, line, name, kind FROM symbol WHERE ";

    /// <summary>Names that merely hold the text are looked at up to this number.</summary>
    private const int MaxLoose = 20_000;

    public static List<CodeSymbol> Find(IndexReader reader, IndexSnapshot snapshot, string name, int most, CancellationToken ct)
    {
        var lower = name.ToLowerInvariant();
        var found = new Dictionary<CodeSymbol, int>();
        Read(reader, snapshot, Columns + "name_lower = ?1 LIMIT ?2", lower, most, 0, found, ct);
        if (found.Count < most)
            Read(reader, snapshot, Columns + "name_lower >= ?1 AND name_lower < ?1 || char(0x10FFFF) LIMIT ?2", lower, MaxLoose, 1, found, ct);
        if (found.Count < most)
            Read(reader, snapshot, Columns + "instr(name_lower, ?1) > 0 LIMIT ?2", lower, MaxLoose, 2, found, ct);

        return
        [
            .. found.OrderBy(f => f.Value).ThenByDescending(f => Ranking.PathWeight.Of(f.Key.Path))
                .ThenBy(f => f.Key.Name.Length).ThenBy(f => f.Key.Path, StringComparer.Ordinal).ThenBy(f => f.Key.Line)
                .Take(most).Select(f => f.Key),
        ];
    }

    private static void Read(
        IndexReader reader,
        IndexSnapshot snapshot,
        string sql,
        string name,
        int most,
        int rank,
        Dictionary<CodeSymbol, int> found,
        CancellationToken ct)
    {
        using var read = new RawStatement(reader.Connection, sql);
        read.Bind(1, name).Bind(2, most);
        while (read.Step())
        {
            ct.ThrowIfCancellationRequested();
            var slot = snapshot.SlotOf(read.Long(0));
            if (slot < 0) continue;
            var path = snapshot.Files[snapshot.FileOf[slot]].Path;
            found.TryAdd(new CodeSymbol(read.Text(2), read.Text(3), path, (int)read.Long(1)), rank);
        }
    }
}
