using System.Diagnostics.Metrics;
using OnCell.Registry;

namespace OnCell.Usage;

/// <summary>Counts in memory and writes to the registry, one row for each customer, hour and meter.</summary>
internal sealed class UsageTable(RegistryDatabase database, TimeProvider time)
{
    private const long MillisecondsPerHour = 3_600_000;

    private static readonly Meter Meter = new("OnCell");
    private static readonly Counter<double> Used = Meter.CreateCounter<double>(
        "oncell.usage", description: "What all cells used; the tag oncell.meter says of what, in the unit of its name.");

    private readonly Dictionary<(string Customer, long Hour, string Meter), double> _pending = [];
    private readonly Lock _lock = new();

    public void Add(string customer, string meter, double amount)
    {
        if (amount <= 0) return;
        Used.Add(amount, new KeyValuePair<string, object?>("oncell.meter", meter));
        var key = (customer, time.GetUtcNow().ToUnixTimeMilliseconds() / MillisecondsPerHour * MillisecondsPerHour, meter);
        lock (_lock) _pending[key] = _pending.GetValueOrDefault(key) + amount;
    }

    /// <summary>Writes what was counted; when that fails it is kept for the next time.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_pending.Count == 0) return;
            database.ExecuteEach(
                """
                INSERT INTO usage(customer, hour, meter, amount) VALUES($customer, $hour, $meter, $amount)
                ON CONFLICT(customer, hour, meter) DO UPDATE SET amount = amount + $amount
                """,
                _pending,
                p => [("$customer", p.Key.Customer), ("$hour", p.Key.Hour), ("$meter", p.Key.Meter), ("$amount", p.Value)]);
            _pending.Clear();
        }
    }

    public IReadOnlyList<UsageRecord> Read(string? customer, DateTimeOffset since, DateTimeOffset until)
    {
        Flush();
        return database.Read(
            """
            SELECT * FROM usage WHERE ($customer IS NULL OR customer = $customer) AND hour >= $since AND hour < $until
            ORDER BY customer, hour, meter
            """,
            r => new UsageRecord(
                (string)r["customer"], DateTimeOffset.FromUnixTimeMilliseconds((long)r["hour"]), (string)r["meter"], (double)r["amount"]),
            ("$customer", customer), ("$since", since.ToUnixTimeMilliseconds()), ("$until", until.ToUnixTimeMilliseconds()));
    }

    /// <summary>Gets what a customer has used of some meters in this month, UTC.</summary>
    public double ThisMonth(string customer, params ReadOnlySpan<string> meters)
    {
        var now = time.GetUtcNow();
        var month = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var sum = 0.0;
        lock (_lock)
        {
            foreach (var meter in meters)
            {
                sum += Convert.ToDouble(
                    database.Scalar(
                        "SELECT total(amount) FROM usage WHERE customer = $customer AND hour >= $month AND meter = $meter",
                        ("$customer", customer), ("$month", month), ("$meter", meter)),
                    System.Globalization.CultureInfo.InvariantCulture);
                foreach (var (key, amount) in _pending)
                    if (key.Customer == customer && key.Meter == meter && key.Hour >= month) sum += amount;
            }
        }

        return sum;
    }
}
