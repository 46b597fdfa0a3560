using OnCell.Hosting;
using OnCell.Registry;

namespace OnCell.Audit;

/// <summary>The audit log in the registry, whose triggers refuse every change of what is there.</summary>
internal sealed class AuditLog(CellHost host, TimeProvider time) : IAuditLog
{
    private const int MaxTextLength = 2_000;

    private RegistryDatabase Database => host.Cells.Services.Database;

    public Task AddAsync(string actor, string action, string? customer, string detail, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Database.Execute(
            "INSERT INTO audit(time, actor, action, customer, detail) VALUES($time, $actor, $action, $customer, $detail)",
            ("$time", time.GetUtcNow().ToUnixTimeMilliseconds()), ("$actor", Cut(actor)), ("$action", Cut(action)),
            ("$customer", customer is null ? null : Cut(customer)), ("$detail", Cut(detail)));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<AuditEntry>> ReadAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 10_000);
        return Task.FromResult<IReadOnlyList<AuditEntry>>(Database.Read(
            """
            SELECT * FROM audit WHERE sequence > $after
            AND ($customer IS NULL OR customer = $customer) AND ($actor IS NULL OR actor = $actor)
            AND ($action IS NULL OR action = $action) AND ($since IS NULL OR time >= $since) AND ($until IS NULL OR time < $until)
            ORDER BY sequence LIMIT $limit
            """,
            r => new AuditEntry(
                (long)r["sequence"], DateTimeOffset.FromUnixTimeMilliseconds((long)r["time"]), (string)r["actor"],
                (string)r["action"], r["customer"] as string, (string)r["detail"]),
            ("$after", query.After), ("$customer", query.Customer), ("$actor", query.Actor), ("$action", query.Action),
            ("$since", query.Since?.ToUnixTimeMilliseconds()), ("$until", query.Until?.ToUnixTimeMilliseconds()), ("$limit", query.Limit)));
    }

    /// <summary>Kept short and on one line: what others named is data, never another entry.</summary>
    private static string Cut(string text)
    {
        var line = string.Concat(text.Take(MaxTextLength).Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length <= MaxTextLength ? line : line + "…";
    }
}
