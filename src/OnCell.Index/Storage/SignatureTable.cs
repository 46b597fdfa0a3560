using Microsoft.Data.Sqlite;

namespace OnCell.Indexing.Storage;

/// <summary>The signatures of all chunks of a snapshot, by slot.</summary>
internal sealed class SignatureTable
{
    private readonly byte[][] _blocks;
    private readonly IndexSnapshot _snapshot;

    private SignatureTable(IndexSnapshot snapshot, byte[][] blocks) => (_snapshot, _blocks) = (snapshot, blocks);

    /// <summary>Reads the signatures: a block for each file, in the order of the snapshot.</summary>
    public static SignatureTable Read(SqliteConnection connection, IndexSnapshot snapshot)
    {
        var blocks = new byte[snapshot.Files.Count][];
        using var read = new RawStatement(connection, "SELECT s.bits FROM file f LEFT JOIN signature s ON s.first_chunk = f.first_chunk ORDER BY f.id");
        for (var file = 0; read.Step(); file++) blocks[file] = read.Blob(0).ToArray();
        return new SignatureTable(snapshot, blocks);
    }

    /// <summary>Tells whether a chunk has all bits.</summary>
    public bool Has(int slot, int[] bits)
    {
        var file = _snapshot.FileOf[slot];
        return TrigramSignature.Has(
            _blocks[file].AsSpan((slot - _snapshot.Files[file].FirstSlot) * TrigramSignature.Bytes, TrigramSignature.Bytes), bits);
    }
}
