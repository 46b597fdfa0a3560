using OnCell.Quotas;
using OnCell.Registry;
using OnCell.Usage;

namespace OnCell.Core.Tests.Usage;

public sealed class UsageTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-usage-").FullName;
    private readonly Clock _time = new();
    private readonly RegistryDatabase _database;
    private readonly UsageTable _usage;

    public UsageTableTests()
    {
        _database = RegistryDatabase.Open(Path.Combine(_folder, "oncell.db"));
        _usage = new UsageTable(_database, _time);
    }

    public void Dispose()
    {
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_was_used_is_summed_by_hour_and_stays()
    {
        _usage.Add("acme", UsageMeters.InputTokens, 10);
        _usage.Add("acme", UsageMeters.InputTokens, 5);
        _usage.Flush();
        _usage.Add("acme", UsageMeters.InputTokens, 1);
        _time.Advance(TimeSpan.FromHours(1));
        _usage.Add("acme", UsageMeters.InputTokens, 2);
        _usage.Add("rival", UsageMeters.InputTokens, 100);
        var again = new UsageTable(_database, _time);
        _usage.Flush();
        Assert.Equal(
            [("2026-03-31T23", 16.0), ("2026-04-01T00", 2.0)],
            again.Read("acme", DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue).Select(r => ($"{r.Hour:yyyy-MM-ddTHH}", r.Amount)));
        Assert.Equal(3, again.Read(null, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue).Count);
        Assert.Equal(2, _usage.ThisMonth("acme", UsageMeters.InputTokens));
    }

    [Fact]
    public void A_quota_refuses_until_the_month_is_over()
    {
        var quotas = new QuotaWatch(new QuotaOptions { TokensPerMonth = 10 }, _usage, _time);
        quotas.Demand("acme");
        _usage.Add("acme", UsageMeters.InputTokens, 6);
        _usage.Add("acme", UsageMeters.OutputTokens, 4);
        var error = Assert.Throws<OnCellException>(() => quotas.Demand("acme"));
        Assert.Equal((OnCellError.Busy, TimeSpan.FromMinutes(30)), (error.Error, error.RetryAfter));
        Assert.Contains("2026-04-01", error.Message);
        quotas.Demand("rival");
        _time.Advance(TimeSpan.FromMinutes(31));
        quotas.Demand("acme");
    }

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 3, 31, 23, 30, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan time) => _now += time;
    }
}
