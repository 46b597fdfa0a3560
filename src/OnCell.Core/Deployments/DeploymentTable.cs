using System.Text.Json;
using Microsoft.Data.Sqlite;
using OnCell.Registry;

namespace OnCell.Deployments;

/// <summary>The revisions and where the environments point, as the registry keeps them; what is current is held in memory too.</summary>
internal sealed class DeploymentTable
{
    private readonly RegistryDatabase _database;
    private readonly TimeProvider _time;
    private volatile DeploymentState _now;

    public DeploymentTable(RegistryDatabase database, TimeProvider time)
    {
        (_database, _time) = (database, time);
        _now = Read();
    }

    /// <summary>Gets all of it at one moment: who asks twice may see two.</summary>
    public DeploymentState Now => _now;

    /// <summary>Gets where each environment points, by environment and package.</summary>
    public IReadOnlyList<Placement> Current => _now.Placements;

    public IEnumerable<Revision> Revisions => _now.Revisions.Values;

    public Revision? Find(string revision) => _now.Revisions.GetValueOrDefault(revision);

    public Placement? Find(string environment, string package) =>
        Current.FirstOrDefault(p => p.Environment == environment && p.Package == package);

    /// <summary>Finds the placement that a later one took the place of.</summary>
    public Placement? FindBefore(Placement placement) => placement.Previous is { } sequence
        ? _database.Read("SELECT * FROM placement WHERE sequence=$sequence", ReadPlacement, ("$sequence", sequence)).SingleOrDefault()
        : null;

    public void Add(Revision revision)
    {
        _database.Execute(
            """
            INSERT INTO revision(id, package, sha256, bytes, agents, created, created_by)
            VALUES($id, $package, $sha256, $bytes, $agents, $created, $by) ON CONFLICT(id) DO NOTHING
            """,
            ("$id", revision.Id), ("$package", revision.Package), ("$sha256", revision.Sha256), ("$bytes", revision.Bytes),
            ("$agents", JsonSerializer.Serialize(revision.Agents, OnCellJson.Options)),
            ("$created", revision.Created.ToUnixTimeMilliseconds()), ("$by", revision.By));
        _now = Read();
    }

    public void Remove(string revision)
    {
        _database.Execute("DELETE FROM revision WHERE id=$id", ("$id", revision));
        _now = Read();
    }

    /// <summary>Makes environments point to revisions, all or none.</summary>
    /// <param name="moves">Where to; with the sequence of the placement that a rollback of it leads to.</param>
    /// <param name="by">Who does it.</param>
    public IReadOnlyList<Placement> Place(IReadOnlyList<(string Environment, Revision Revision, long? Previous)> moves, string by)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _database.ExecuteEach(
            """
            INSERT INTO placement(environment, package, revision, placed, placed_by, previous)
            VALUES($environment, $package, $revision, $placed, $by, $previous)
            """,
            moves,
            move =>
            [
                ("$environment", move.Environment), ("$package", move.Revision.Package), ("$revision", move.Revision.Id),
                ("$placed", now), ("$by", by), ("$previous", move.Previous),
            ]);
        _now = Read();
        return [.. moves.Select(move => Find(move.Environment, move.Revision.Package)!)];
    }

    private DeploymentState Read() => new(ReadCurrent(), ReadRevisions());

    private List<Placement> ReadCurrent() => _database.Read(
        """
        SELECT * FROM placement WHERE sequence IN (SELECT MAX(sequence) FROM placement GROUP BY environment, package)
        ORDER BY environment, package
        """,
        ReadPlacement);

    private Dictionary<string, Revision> ReadRevisions() =>
        _database.Read("SELECT * FROM revision", ReadRevision).ToDictionary(r => r.Id, StringComparer.Ordinal);

    private static Placement ReadPlacement(SqliteDataReader reader) => new()
    {
        Sequence = (long)reader["sequence"],
        Environment = (string)reader["environment"],
        Package = (string)reader["package"],
        Revision = (string)reader["revision"],
        Since = DateTimeOffset.FromUnixTimeMilliseconds((long)reader["placed"]),
        By = (string)reader["placed_by"],
        Previous = reader["previous"] as long?,
    };

    private static Revision ReadRevision(SqliteDataReader reader) => new()
    {
        Id = (string)reader["id"],
        Package = (string)reader["package"],
        Sha256 = (string)reader["sha256"],
        Bytes = (long)reader["bytes"],
        Agents = JsonSerializer.Deserialize<List<RevisionAgent>>((string)reader["agents"], OnCellJson.Options)!,
        Created = DateTimeOffset.FromUnixTimeMilliseconds((long)reader["created"]),
        By = (string)reader["created_by"],
    };
}

/// <summary>What is deployed, at one moment. Every placement's revision is among the revisions.</summary>
internal sealed record DeploymentState(IReadOnlyList<Placement> Placements, IReadOnlyDictionary<string, Revision> Revisions)
{
    /// <summary>Lists the agents of an environment, each with the revision that brings it.</summary>
    public IEnumerable<(string Agent, string Revision)> AgentsIn(string environment) =>
        from placement in Placements
        where placement.Environment == environment
        from agent in Revisions[placement.Revision].Agents
        select (agent.Name, placement.Revision);
}
