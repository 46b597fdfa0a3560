using SQLitePCL;

namespace OnCell.Journaling.Storage.Sqlite;

/// <summary>Turns SQLite's result codes into the journal's exceptions.</summary>
internal static class SqliteFault
{
    public static JournalException Create(sqlite3? handle, int code, string path, string doing)
    {
        var detail = handle is null || handle.IsInvalid
            ? raw.sqlite3_errstr(code).utf8_to_string()
            : raw.sqlite3_errmsg(handle).utf8_to_string();
        var extended = handle is null || handle.IsInvalid ? code : raw.sqlite3_extended_errcode(handle);
        var where = $"journal {path}: {doing} failed with SQLite error {extended} ({detail}). ";
        return (code & 0xff) switch
        {
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new JournalCorruptException(
                where + "The file is damaged or is not a journal: restore a backup, or move it away to start anew.")
            { IsFromSqlite = true },
            raw.SQLITE_FULL => new JournalStorageException(
                where + "The disk is full: free space and open the journal again; acknowledged steps are safe.")
            { IsFromSqlite = true },
            raw.SQLITE_READONLY => new JournalStorageException(
                where + "The file or its folder is read-only: make both writable for this process.")
            { IsFromSqlite = true },
            raw.SQLITE_CANTOPEN => new JournalStorageException(
                where + "Check that the folder exists and that this process may write there.")
            { IsFromSqlite = true },
            _ => new JournalStorageException(
                where + "Open the journal again once the cause is removed; acknowledged steps are safe.")
            { IsFromSqlite = true },
        };
    }
}
