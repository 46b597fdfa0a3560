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
        Assert.Equal(
            "\"acme\" has used up its quota tokensPerMonth: 10 of 10. It begins anew on 2026-04-01 at 0:00 UTC. It is the service's for each customer, "
            + "OnCell:Quotas:TokensPerMonth, which its operator can raise; whoever manages all customers can give this one its own "
            + "(oncell customers quotas set acme, or PUT /customers/acme/quotas).", error.Message);
        quotas.Demand("rival");
        _time.Advance(TimeSpan.FromMinutes(31));
        quotas.Demand("acme");
    }

    [Theory]
    [InlineData(20L, null, true)]
    [InlineData(5L, null, false)]
    [InlineData(0L, null, false)]
    [InlineData(null, 0.5, false)]
    [InlineData(20L, 1.5, true)]
    public void A_customers_own_quota_goes_before_the_services_and_the_other_stays(long? tokens, double? hours, bool allowed)
    {
        var quotas = new QuotaWatch(new QuotaOptions { TokensPerMonth = 10, ComputeHoursPerMonth = 2 }, _usage, _time);
        _usage.Add("acme", UsageMeters.OutputTokens, tokens is null ? 5 : 15);
        _usage.Add("acme", UsageMeters.ActiveSeconds, 3600);
        var own = new CustomerQuotas { TokensPerMonth = tokens, ComputeHoursPerMonth = hours };
        Assert.Equal([hours ?? 2, tokens ?? 10], quotas.States("acme", own).Select(s => s.Limit));
        Assert.Equal([hours is not null, tokens is not null], quotas.States("acme", own).Select(s => s.Own));
        if (allowed) quotas.Demand("acme", own);
        else Assert.Contains("It was set for this customer", Assert.Throws<OnCellException>(() => quotas.Demand("acme", own)).Message);
    }

    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 3, 31, 23, 30, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan time) => _now += time;
    }
}
