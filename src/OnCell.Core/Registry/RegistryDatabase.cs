using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OnCell.Registry;

/// <summary>The file <c>oncell.db</c>: what this service knows of its customers. Each commit is on disk before a call returns.</summary>
/// <remarks>Few and small writes, so one connection behind a lock is enough.</remarks>
internal sealed class RegistryDatabase : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Lock _lock = new();

    private RegistryDatabase(SqliteConnection connection) => _connection = connection;

    /// <exception cref="OnCellException">The file is of a newer OnCell, or is not a registry.</exception>
    public static RegistryDatabase Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var database = new RegistryDatabase(connection);
            database.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;");
            database.Migrate(path);
            return database;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new OnCellException(OnCellError.Failed,
                $"The registry \"{path}\" cannot be opened: {e.Message}. Restore it from a backup, or look at the disk.", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs one or more statements.</summary>
    /// <returns>How many rows were changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        lock (_lock)
        {
            using var command = Command(sql, parameters);
            return command.ExecuteNonQuery();
        }
    }

    public object? Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        lock (_lock)
        {
            using var command = Command(sql, parameters);
            return command.ExecuteScalar();
        }
    }

    public List<T> Read<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        lock (_lock)
        {
            using var command = Command(sql, parameters);
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read()) rows.Add(row(reader));
            return rows;
        }
    }

    /// <summary>Runs one statement for each row, all or none.</summary>
    public void ExecuteEach<T>(string sql, IEnumerable<T> rows, Func<T, (string Name, object? Value)[]> parameters)
    {
        lock (_lock)
        {
            using var transaction = _connection.BeginTransaction();
            foreach (var row in rows)
            {
                using var command = Command(sql, parameters(row));
                command.Transaction = transaction;
                command.ExecuteNonQuery();
            }

            transaction.Commit();
        }
    }

    public void Dispose()
    {
        lock (_lock) _connection.Dispose();
    }

    /// <summary>Leads an older file to today's schema, version by version; each is a transaction, so a crash leaves a whole one.</summary>
    private void Migrate(string path)
    {
        var version = Convert.ToInt32(Scalar("PRAGMA user_version"), CultureInfo.InvariantCulture);
        var known = RegistryMigrations.All.Count;
        if (version > known)
            throw new OnCellException(OnCellError.Failed,
                $"The registry \"{path}\" has schema {version}; this OnCell knows up to {known}. Use the newer OnCell, or another data root.");
        for (; version < known; version++)
            Execute($"BEGIN IMMEDIATE;\n{RegistryMigrations.All[version]}\nPRAGMA user_version={version + 1};\nCOMMIT;");
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
