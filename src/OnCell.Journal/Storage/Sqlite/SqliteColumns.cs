using System.Runtime.InteropServices;

namespace OnCell.Journaling.Storage.Sqlite;

/// <summary>
/// SQLite's readers of columns called without a detour: a long history is hundreds of thousands of such calls, each a few
/// instructions, and the safe handles and transitions around them would cost ten times that.
/// </summary>
internal static unsafe partial class SqliteColumns
{
    private const string Library = "e_sqlite3";

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64"), SuppressGCTransition]
    public static partial long Int64(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type"), SuppressGCTransition]
    public static partial int Type(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes"), SuppressGCTransition]
    private static partial int Bytes(nint statement, int column);

    // May read overflow pages from the disk, so these two are ordinary calls.
    [LibraryImport(Library, EntryPoint = "sqlite3_column_text")]
    private static partial byte* Text(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    private static partial byte* Blob(nint statement, int column);

    /// <summary>Returns a text's bytes, valid until the next step; of NULL none.</summary>
    public static ReadOnlySpan<byte> Utf8(nint statement, int column)
    {
        var bytes = Text(statement, column);
        return bytes is null ? default : new ReadOnlySpan<byte>(bytes, Bytes(statement, column));
    }

    /// <summary>Returns a blob's bytes, valid until the next step; of NULL none.</summary>
    public static ReadOnlySpan<byte> Data(nint statement, int column)
    {
        var bytes = Blob(statement, column);
        return bytes is null ? default : new ReadOnlySpan<byte>(bytes, Bytes(statement, column));
    }
}
