using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using OnCell.Registry;

namespace OnCell.Secrets;

/// <summary>The table of secrets, encrypted, and what is made of them for each customer.</summary>
internal sealed class SecretStore(RegistryDatabase database, SecretBox box, TimeProvider time)
{
    /// <summary>What stands for all customers in the table.</summary>
    private const string All = "";

    private readonly ConcurrentDictionary<string, CustomerSecrets> _made = new(StringComparer.Ordinal);
    private long _generation;

    public SecretInfo Set(string? customer, string name, string value)
    {
        SecretRules.CheckName(name);
        SecretRules.CheckValue(value);
        var owner = customer ?? All;
        var others = (long)database.Scalar(
            "SELECT count(*) FROM secret WHERE customer=$customer AND name<>$name", ("$customer", owner), ("$name", name))!;
        if (others >= SecretRules.MaxSecrets)
            throw new OnCellException(OnCellError.Busy, $"There are {SecretRules.MaxSecrets} secrets, which is the limit. Delete those that no agent uses.");
        var now = time.GetUtcNow();

        // The value before is kept: a command under way may still show it.
        database.Execute(
            """
            INSERT INTO secret(customer, name, value, version, changed) VALUES($customer, $name, $value, 1, $changed)
            ON CONFLICT(customer, name) DO UPDATE SET previous=value, value=$value, version=version+1, changed=$changed
            """,
            ("$customer", owner), ("$name", name), ("$value", box.Protect(value)), ("$changed", now.ToUnixTimeMilliseconds()));
        Forget();
        return List(customer).Single(s => s.Name == name);
    }

    public IReadOnlyList<SecretInfo> List(string? customer) => database.Read(
        "SELECT customer, name, version, changed FROM secret WHERE customer=$customer ORDER BY name", ReadInfo, ("$customer", customer ?? All));

    public bool Delete(string? customer, string name)
    {
        var deleted = database.Execute(
            "DELETE FROM secret WHERE customer=$customer AND name=$name", ("$customer", customer ?? All), ("$name", name)) > 0;
        Forget();
        return deleted;
    }

    /// <summary>Removes what a customer had who is gone.</summary>
    public void RemoveOf(string customer)
    {
        database.Execute("DELETE FROM secret WHERE customer=$customer", ("$customer", customer));
        _made.TryRemove(customer, out _);
    }

    /// <summary>Gets the secrets that a customer's steps may be given: its own, then those of all.</summary>
    public CustomerSecrets For(string customer)
    {
        var generation = Volatile.Read(ref _generation);
        if (_made.TryGetValue(customer, out var made) && made.Generation == generation) return made;
        return _made[customer] = Make(customer, generation);
    }

    private void Forget() => Interlocked.Increment(ref _generation);

    private CustomerSecrets Make(string customer, long generation)
    {
        // The customer's own come last and so win.
        var rows = database.Read(
            "SELECT name, value, previous FROM secret WHERE customer IN ($all, $customer) ORDER BY customer",
            r => (Name: (string)r["name"], Value: (byte[])r["value"], Previous: r["previous"] as byte[]),
            ("$all", All), ("$customer", customer));
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var shown = new List<(string Name, string Value)>();
        foreach (var row in rows)
        {
            values[row.Name] = box.Unprotect<string>(row.Value);
            shown.Add((row.Name, values[row.Name]));
            if (row.Previous is { } previous) shown.Add((row.Name, box.Unprotect<string>(previous)));
        }

        return new CustomerSecrets(generation, values, shown.Count == 0 ? Redactor.None : new Redactor(shown));
    }

    private static SecretInfo ReadInfo(SqliteDataReader reader) => new(
        (string)reader["name"],
        (string)reader["customer"] is { Length: > 0 } customer ? customer : null,
        (long)reader["version"],
        DateTimeOffset.FromUnixTimeMilliseconds((long)reader["changed"]));
}
