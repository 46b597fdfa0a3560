using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using OnCell.Registry;

namespace OnCell.Access;

/// <summary>The API keys of this service, in memory as in the registry: a request costs a look-up and a hash.</summary>
internal sealed class ApiKeyTable
{
    /// <summary>How many keys there may be; they are held in memory.</summary>
    private const int MaxKeys = 100_000;

    private readonly RegistryDatabase _database;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, ApiKey> _keys;

    public ApiKeyTable(RegistryDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _keys = new(database.Read("SELECT * FROM api_key", ReadRow).ToDictionary(k => k.Id), StringComparer.Ordinal);
    }

    public IReadOnlyList<ApiKey> List() => [.. _keys.Values.OrderBy(k => k.Id, StringComparer.Ordinal)];

    /// <summary>Makes a key.</summary>
    /// <returns>What is kept, and the key itself, which is never seen again.</returns>
    public (ApiKey Key, string Text) Create(string name, string? customer, OnCellArea areas, DateTimeOffset? expires)
    {
        if (_keys.Count >= MaxKeys)
            throw new OnCellException(OnCellError.Busy, $"There are {MaxKeys} API keys, which is the limit. Delete those that nobody uses.");
        var (id, secret) = ApiKeyText.New();
        var key = new ApiKey
        {
            Id = id,
            Name = name,
            Hash = ApiKeyText.Hash(secret),
            Customer = customer,
            Areas = areas,
            Created = _time.GetUtcNow(),
            Expires = expires,
        };
        _database.Execute(
            """
            INSERT INTO api_key(id, name, hash, customer, areas, created, expires)
            VALUES($id, $name, $hash, $customer, $areas, $created, $expires)
            """,
            ("$id", key.Id), ("$name", key.Name), ("$hash", key.Hash), ("$customer", key.Customer),
            ("$areas", (int)key.Areas), ("$created", key.Created.ToUnixTimeMilliseconds()),
            ("$expires", key.Expires?.ToUnixTimeMilliseconds()));
        _keys[id] = key;
        return (key, ApiKeyText.Format(id, secret));
    }

    /// <summary>Finds the key that a caller shows.</summary>
    /// <returns><see langword="null"/> where it is unknown, revoked, expired or not a key.</returns>
    public ApiKey? Verify(string text)
    {
        if (!ApiKeyText.TryParse(text, out var id, out var secret) || !_keys.TryGetValue(id, out var key)) return null;
        if (!CryptographicOperations.FixedTimeEquals(key.Hash, ApiKeyText.Hash(secret))) return null;
        return key.Expires is { } expires && expires <= _time.GetUtcNow() ? null : key;
    }

    /// <returns>Whether there was such a key.</returns>
    public bool Remove(string id)
    {
        _database.Execute("DELETE FROM api_key WHERE id=$id", ("$id", id));
        return _keys.TryRemove(id, out _);
    }

    /// <summary>Revokes the keys of a customer that is gone: one that later gets the same id is another.</summary>
    public void RemoveOf(string customer)
    {
        foreach (var key in _keys.Values.Where(k => k.Customer == customer)) Remove(key.Id);
    }

    private static ApiKey ReadRow(SqliteDataReader reader) => new()
    {
        Id = (string)reader["id"],
        Name = (string)reader["name"],
        Hash = (byte[])reader["hash"],
        Customer = reader["customer"] as string,
        Areas = (OnCellArea)(long)reader["areas"],
        Created = DateTimeOffset.FromUnixTimeMilliseconds((long)reader["created"]),
        Expires = reader["expires"] is long expires ? DateTimeOffset.FromUnixTimeMilliseconds(expires) : null,
    };
}
