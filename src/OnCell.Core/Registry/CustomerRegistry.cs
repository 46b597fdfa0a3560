using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace OnCell.Registry;

/// <summary>The table of customers and of the state of each cell. A state is written before it is acted on.</summary>
internal sealed class CustomerRegistry(RegistryDatabase database, TimeProvider time)
{
    /// <summary>Adds a customer in the state <see cref="CellState.Creating"/>, or takes the place of one that failed.</summary>
    /// <returns>Whether it was added; <see langword="false"/> where the customer exists.</returns>
    public bool TryAdd(CustomerRecord record) => database.Execute(
        """
        INSERT INTO customer(id, agent, config, git, state, created, changed, origin, origin_snapshot, environment, quotas)
        VALUES($id, $agent, $config, $git, $state, $created, $changed, $origin, $snapshot, $environment, $quotas)
        ON CONFLICT(id) DO UPDATE SET agent=$agent, config=$config, git=$git, state=$state, reason=NULL, tier=NULL, changed=$changed,
            origin=$origin, origin_snapshot=$snapshot, environment=$environment, quotas=$quotas
        WHERE customer.state = $failed
        """,
        ("$id", record.Id), ("$agent", record.Agent),
        ("$config", JsonSerializer.Serialize(record.Config, OnCellJson.Options)), ("$git", record.ProtectedGitCredentials),
        ("$state", record.State.ToString()), ("$created", record.Created.ToUnixTimeMilliseconds()),
        ("$changed", record.Changed.ToUnixTimeMilliseconds()), ("$origin", record.Origin), ("$snapshot", record.OriginSnapshot),
        ("$environment", record.Environment), ("$quotas", Text(record.Quotas)), ("$failed", nameof(CellState.Failed))) == 1;

    /// <summary>Writes a new state.</summary>
    public void SetState(string id, CellState state, PauseTier? tier = null, string? reason = null) => database.Execute(
        "UPDATE customer SET state=$state, tier=$tier, reason=$reason, changed=$changed WHERE id=$id",
        ("$id", id), ("$state", state.ToString()), ("$tier", tier?.ToString()), ("$reason", reason),
        ("$changed", time.GetUtcNow().ToUnixTimeMilliseconds()));

    /// <summary>Writes whether the cell may have runs that have not ended: set before the first starts, cleared after the last ended.</summary>
    public void SetBusy(string id, bool busy) => database.Execute("UPDATE customer SET busy=$busy WHERE id=$id", ("$id", id), ("$busy", busy ? 1 : 0));

    /// <summary>Writes a customer's own quotas, or that it has none.</summary>
    public void SetQuotas(string id, CustomerQuotas? quotas) => database.Execute("UPDATE customer SET quotas=$quotas WHERE id=$id", ("$id", id), ("$quotas", Text(quotas)));

    public CustomerRecord? Find(string id) => database.Read("SELECT * FROM customer WHERE id=$id", ReadRow, ("$id", id)).SingleOrDefault();

    public IReadOnlyList<CustomerRecord> List() => database.Read("SELECT * FROM customer ORDER BY id", ReadRow);

    public void Remove(string id) => database.Execute("DELETE FROM customer WHERE id=$id", ("$id", id));

    private static string? Text(CustomerQuotas? quotas) => quotas is null ? null : JsonSerializer.Serialize(quotas, OnCellJson.Options);

    private static CustomerRecord ReadRow(SqliteDataReader reader) => new()
    {
        Id = (string)reader["id"],
        Agent = (string)reader["agent"],
        Environment = (string)reader["environment"],
        Config = JsonSerializer.Deserialize<Dictionary<string, string>>((string)reader["config"], OnCellJson.Options)!,
        ProtectedGitCredentials = (byte[])reader["git"],
        Quotas = reader["quotas"] is string quotas ? JsonSerializer.Deserialize<CustomerQuotas>(quotas, OnCellJson.Options) : null,
        State = Enum.Parse<CellState>((string)reader["state"]),
        Tier = reader["tier"] is string tier ? Enum.Parse<PauseTier>(tier) : null,
        Reason = reader["reason"] as string,
        Origin = reader["origin"] as string,
        OriginSnapshot = reader["origin_snapshot"] as string,
        Busy = (long)reader["busy"] != 0,
        Created = DateTimeOffset.FromUnixTimeMilliseconds((long)reader["created"]),
        Changed = DateTimeOffset.FromUnixTimeMilliseconds((long)reader["changed"]),
    };
}
