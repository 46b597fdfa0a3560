using Microsoft.Data.Sqlite;

namespace OnCell.Indexing.Storage;

/// <summary>Opens connections to an index file.</summary>
internal sealed class IndexDatabase
{
    private const int CorruptError = 11;
    private const int NotADatabaseError = 26;
    private const int ApplicationId = 0x4F43_4958; // "OCIX"

    private readonly string _path;

    private IndexDatabase(string path) => _path = path;

    /// <summary>Opens or creates the file and brings its schema up to date.</summary>
    /// <returns>The database, and whether an index of another version was emptied.</returns>
    /// <exception cref="CodeIndexException">The file cannot be used.</exception>
    public static (IndexDatabase Database, bool Emptied) Open(string path)
    {
        var database = new IndexDatabase(Path.GetFullPath(path));
        try
        {
            using var connection = database.Connect();
            return (database, database.EnsureSchema(connection));
        }
        catch (SqliteException e)
        {
            throw database.Unusable(e);
        }
    }

    /// <summary>Opens a connection; the caller owns it.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public CodeIndexException Unusable(SqliteException cause) => new(
        CodeIndexError.DatabaseUnusable,
        cause.SqliteErrorCode is CorruptError or NotADatabaseError
            ? $"The file '{_path}' is damaged or no index ({cause.Message}). " +
              "An index holds nothing that cannot be made again: delete the file and index anew."
            : $"The index '{_path}' cannot be used ({cause.Message}). Check that its folder exists, is writable and not full.",
        cause);

    public static void Execute(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // every text is a constant of this assembly
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this assembly
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private bool EnsureSchema(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = Scalar(connection, "PRAGMA user_version");
        var application = Scalar(connection, "PRAGMA application_id");
        var tables = Scalar(connection, "SELECT count(*) FROM sqlite_schema");
        if (version == IndexSchema.Version && application == ApplicationId) return false;
        if (tables > 0 && application != ApplicationId)
        {
            throw new CodeIndexException(
                CodeIndexError.DatabaseUnusable,
                $"The file '{_path}' is a SQLite database of something else. Give the index a file of its own.");
        }

        Execute(connection, IndexSchema.Drop, transaction);
        Execute(connection, IndexSchema.Create, transaction);
        Execute(
            connection,
            $"PRAGMA user_version={IndexSchema.Version}; PRAGMA application_id={ApplicationId};",
            transaction);
        transaction.Commit();
        return tables > 0;
    }
}
