using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace OnCell.Registry;

/// <summary>The table of customers and of the state of each cell: <c>oncell.db</c>. A state is written before it is acted on.</summary>
/// <remarks>Few and small writes, so one connection behind a lock is enough; each commit is on disk before a call returns.</remarks>
internal sealed class CustomerRegistry : IDisposable
{
    private const int Schema = 1;

    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    private CustomerRegistry(SqliteConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
    }

    /// <exception cref="OnCellException">The file is of a newer OnCell, or is not a registry.</exception>
    public static CustomerRegistry Open(string path, TimeProvider time)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var registry = new CustomerRegistry(connection, time);
            registry.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;");
            registry.Migrate(path);
            return registry;
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

    /// <summary>Adds a customer in the state <see cref="CellState.Creating"/>, or takes the place of one that failed.</summary>
    /// <returns>Whether it was added; <see langword="false"/> where the customer exists.</returns>
    public bool TryAdd(CustomerRecord record) => Execute(
        """
        INSERT INTO customer(id, agent, config, git, state, created, changed) VALUES($id, $agent, $config, $git, $state, $created, $changed)
        ON CONFLICT(id) DO UPDATE SET agent=$agent, config=$config, git=$git, state=$state, reason=NULL, tier=NULL, changed=$changed
        WHERE customer.state = $failed
        """,
        ("$id", record.Id), ("$agent", record.Agent),
        ("$config", JsonSerializer.Serialize(record.Config, OnCellJson.Options)), ("$git", record.ProtectedGitCredentials),
        ("$state", record.State.ToString()), ("$created", record.Created.ToUnixTimeMilliseconds()),
        ("$changed", record.Changed.ToUnixTimeMilliseconds()), ("$failed", nameof(CellState.Failed))) == 1;

    /// <summary>Writes a new state.</summary>
    public void SetState(string id, CellState state, PauseTier? tier = null, string? reason = null) => Execute(
        "UPDATE customer SET state=$state, tier=$tier, reason=$reason, changed=$changed WHERE id=$id",
        ("$id", id), ("$state", state.ToString()), ("$tier", tier?.ToString()), ("$reason", reason),
        ("$changed", _time.GetUtcNow().ToUnixTimeMilliseconds()));

    /// <summary>Writes whether the cell may have runs that have not ended: set before the first starts, cleared after the last ended.</summary>
    public void SetBusy(string id, bool busy) => Execute("UPDATE customer SET busy=$busy WHERE id=$id", ("$id", id), ("$busy", busy ? 1 : 0));

    public CustomerRecord? Find(string id) => Read("SELECT * FROM customer WHERE id=$id", ("$id", id)).SingleOrDefault();

    public IReadOnlyList<CustomerRecord> List() => Read("SELECT * FROM customer ORDER BY id");

    public void Remove(string id) => Execute("DELETE FROM customer WHERE id=$id", ("$id", id));

    public void Dispose()
    {
        lock (_lock) _connection.Dispose();
    }

    private void Migrate(string path)
    {
        var version = Convert.ToInt32(Scalar("PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (version > Schema)
            throw new OnCellException(OnCellError.Failed,
                $"The registry \"{path}\" has schema {version}; this OnCell knows up to {Schema}. Use the newer OnCell, or another data root.");
        if (version == Schema) return;
        Execute(
            $"""
            BEGIN IMMEDIATE;
            CREATE TABLE customer(
                id TEXT PRIMARY KEY, agent TEXT NOT NULL, config TEXT NOT NULL, git BLOB NOT NULL, state TEXT NOT NULL,
                tier TEXT, reason TEXT, busy INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL, changed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            PRAGMA user_version={Schema};
            COMMIT;
            """);
    }

    private object? Scalar(string sql)
    {
        lock (_lock)
        {
            using var command = Command(sql);
            return command.ExecuteScalar();
        }
    }

    private int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        lock (_lock)
        {
            using var command = Command(sql, parameters);
            return command.ExecuteNonQuery();
        }
    }

    private List<CustomerRecord> Read(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        lock (_lock)
        {
            using var command = Command(sql, parameters);
            using var reader = command.ExecuteReader();
            var rows = new List<CustomerRecord>();
            while (reader.Read()) rows.Add(ReadRow(reader));
            return rows;
        }
    }

    private static CustomerRecord ReadRow(SqliteDataReader reader) => new()
    {
        Id = (string)reader["id"],
        Agent = (string)reader["agent"],
        Config = JsonSerializer.Deserialize<Dictionary<string, string>>((string)reader["config"], OnCellJson.Options)!,
        ProtectedGitCredentials = (byte[])reader["git"],
        State = Enum.Parse<CellState>((string)reader["state"]),
        Tier = reader["tier"] is string tier ? Enum.Parse<PauseTier>(tier) : null,
        Reason = reader["reason"] as string,
        Busy = (long)reader["busy"] != 0,
        Created = DateTimeOffset.FromUnixTimeMilliseconds((long)reader["created"]),
        Changed = DateTimeOffset.FromUnixTimeMilliseconds((long)reader["changed"]),
    };

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
