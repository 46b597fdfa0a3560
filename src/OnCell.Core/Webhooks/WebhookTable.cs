using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using OnCell.Registry;

namespace OnCell.Webhooks;

/// <summary>The webhooks and the messages to them, in the registry: a message is stored before it is tried.</summary>
internal sealed class WebhookTable(RegistryDatabase database, SecretBox box, TimeProvider time)
{
    private const int MaxListed = 1_000;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private volatile IReadOnlyList<Webhook> _all = ReadAll(database);

    public IReadOnlyList<Webhook> All => _all;

    public (Webhook Webhook, string Secret) Add(Uri url, IReadOnlyList<string> events, string? customer)
    {
        var secret = "whsec_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var webhook = new Webhook($"wh_{Guid.CreateVersion7():n}", url, events, customer, time.GetUtcNow());
        database.Execute(
            "INSERT INTO webhook(id, url, secret, events, customer, created) VALUES($id, $url, $secret, $events, $customer, $created)",
            ("$id", webhook.Id), ("$url", url.AbsoluteUri), ("$secret", box.Protect(secret)),
            ("$events", JsonSerializer.Serialize(events, OnCellJson.Options)), ("$customer", customer), ("$created", Milliseconds(webhook.Created)));
        _all = ReadAll(database);
        return (webhook, secret);
    }

    public bool Remove(string id)
    {
        // Together: a message without its webhook would be due for ever.
        database.ExecuteEach("DELETE FROM webhook WHERE id=$id; DELETE FROM delivery WHERE webhook=$id", [id], i => [("$id", i)]);
        var removed = All.Any(w => w.Id == id);
        _all = ReadAll(database);
        return removed;
    }

    /// <summary>Removes what a customer had who is gone.</summary>
    public void RemoveOf(string customer)
    {
        foreach (var webhook in All.Where(w => w.Customer == customer)) Remove(webhook.Id);
        database.Execute("DELETE FROM delivery WHERE customer=$customer", ("$customer", customer));
    }

    public string SecretOf(string id) => box.Unprotect<string>((byte[])database.Scalar("SELECT secret FROM webhook WHERE id=$id", ("$id", id))!);

    /// <summary>Stores a message for each webhook that is told of it; one that is stored already is not stored again.</summary>
    /// <param name="type">What happened.</param>
    /// <param name="customer">Whose.</param>
    /// <param name="subject">What makes it one message: the run, the quota and its month.</param>
    /// <param name="happened">When it happened: who was added later is not told.</param>
    /// <param name="body">The message.</param>
    /// <returns>Whether anybody is told.</returns>
    public bool Enqueue(string type, string customer, string subject, DateTimeOffset happened, string body)
    {
        var now = Milliseconds(time.GetUtcNow());
        var told = All.Where(w => w.Events.Contains(type) && (w.Customer is null || w.Customer == customer) && w.Created <= happened).ToArray();
        foreach (var webhook in told)
        {
            database.Execute(
                """
                INSERT INTO delivery(id, webhook, event, customer, body, created, state, attempts, next)
                SELECT $id, id, $event, $customer, $body, $now, $pending, 0, $now FROM webhook WHERE id=$webhook ON CONFLICT(id) DO NOTHING
                """,
                ("$id", IdOf(webhook.Id, type, customer, subject)), ("$webhook", webhook.Id), ("$event", type), ("$customer", customer),
                ("$body", body), ("$now", now), ("$pending", nameof(DeliveryState.Pending)));
        }

        return told.Length > 0;
    }

    /// <summary>Lists the messages whose time has come: of each webhook the one that waits longest.</summary>
    /// <param name="limit">How many.</param>
    /// <param name="except">The webhooks that have their turn already.</param>
    public IReadOnlyList<Outgoing> Due(int limit, IEnumerable<string>? except = null) => database.Read(
        """
        SELECT id, webhook, event, body, attempts, MIN(next) FROM delivery
        WHERE state=$pending AND next<=$now AND webhook NOT IN (SELECT value FROM json_each($except))
        GROUP BY webhook ORDER BY MIN(next) LIMIT $limit
        """,
        reader => new Outgoing((string)reader["id"], (string)reader["webhook"], (string)reader["event"], (string)reader["body"], (int)(long)reader["attempts"]),
        ("$pending", nameof(DeliveryState.Pending)), ("$now", Milliseconds(time.GetUtcNow())), ("$limit", limit), ("$except", Json(except)));

    /// <summary>Gets when the next message is to be tried.</summary>
    /// <param name="except">The webhooks whose messages do not count.</param>
    public DateTimeOffset? NextDue(IEnumerable<string>? except = null) =>
        database.Scalar(
            "SELECT MIN(next) FROM delivery WHERE state=$pending AND webhook NOT IN (SELECT value FROM json_each($except))",
            ("$pending", nameof(DeliveryState.Pending)), ("$except", Json(except))) is long next
            ? DateTimeOffset.FromUnixTimeMilliseconds(next)
            : null;

    public void SetOutcome(string id, DeliveryState state, int attempts, DateTimeOffset? next, string answer) => database.Execute(
        "UPDATE delivery SET state=$state, attempts=$attempts, next=$next, answer=$answer WHERE id=$id",
        ("$id", id), ("$state", state.ToString()), ("$attempts", attempts), ("$next", next is { } at ? Milliseconds(at) : null), ("$answer", answer));

    public bool Retry(string webhook, string id) => database.Execute(
        "UPDATE delivery SET state=$pending, attempts=0, next=$now WHERE id=$id AND webhook=$webhook",
        ("$id", id), ("$webhook", webhook), ("$pending", nameof(DeliveryState.Pending)), ("$now", Milliseconds(time.GetUtcNow()))) > 0;

    public IReadOnlyList<WebhookDelivery> ListDeliveries(string webhook) => database.Read(
        "SELECT * FROM delivery WHERE webhook=$webhook ORDER BY created DESC, id LIMIT $limit",
        reader => new WebhookDelivery(
            (string)reader["id"], (string)reader["event"], (string)reader["customer"], DateTimeOffset.FromUnixTimeMilliseconds((long)reader["created"]),
            Enum.Parse<DeliveryState>((string)reader["state"]), (int)(long)reader["attempts"],
            reader["next"] is long next ? DateTimeOffset.FromUnixTimeMilliseconds(next) : null, reader["answer"] as string),
        ("$webhook", webhook), ("$limit", MaxListed));

    /// <summary>Forgets messages that ended long ago.</summary>
    public void Prune() => database.Execute(
        "DELETE FROM delivery WHERE state<>$pending AND created<$before",
        ("$pending", nameof(DeliveryState.Pending)), ("$before", Milliseconds(time.GetUtcNow() - Kept)));

    private static string IdOf(params ReadOnlySpan<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, 16));

    private static string Json(IEnumerable<string>? ids) => JsonSerializer.Serialize(ids ?? [], OnCellJson.Options);

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static List<Webhook> ReadAll(RegistryDatabase database) => database.Read("SELECT * FROM webhook ORDER BY created, id", ReadWebhook);

    private static Webhook ReadWebhook(SqliteDataReader reader) => new(
        (string)reader["id"], new Uri((string)reader["url"]),
        JsonSerializer.Deserialize<List<string>>((string)reader["events"], OnCellJson.Options)!, reader["customer"] as string,
        DateTimeOffset.FromUnixTimeMilliseconds((long)reader["created"]));
}

/// <summary>A message to be sent.</summary>
internal sealed record Outgoing(string Id, string Webhook, string Event, string Body, int Attempts);
