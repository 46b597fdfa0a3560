using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using OnCell.Agents;
using OnCell.Cells;
using OnCell.Usage;

namespace OnCell.Quotas;

/// <summary>Refuses what a quota does not allow, and says in time when one comes near.</summary>
internal sealed class QuotaWatch(QuotaOptions options, UsageTable usage, TimeProvider time)
{
    /// <summary>The part of a quota from which on it is near.</summary>
    private const double Near = 0.8;

    private const double SecondsPerHour = 3600;

    /// <summary>With the limit: who is told of one, and is then given more, is told again when that comes near.</summary>
    private readonly ConcurrentDictionary<(string Customer, string Quota, double Limit, DateTimeOffset Until), bool> _told = new();

    /// <summary>Gets when the quotas of this month begin anew.</summary>
    private DateTimeOffset NextMonth
    {
        get
        {
            var now = time.GetUtcNow();
            return new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
        }
    }

    /// <summary>Gets what a customer has used in this month of its quotas of a month.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="own">Its own quotas.</param>
    public IReadOnlyList<QuotaInfo> States(string customer, CustomerQuotas? own = null)
    {
        var states = new List<QuotaInfo>();
        var until = NextMonth;
        Add(QuotaNames.ComputeHours, own?.ComputeHoursPerMonth, options.ComputeHoursPerMonth, () => usage.ThisMonth(customer, UsageMeters.ActiveSeconds) / SecondsPerHour);
        Add(QuotaNames.Tokens, own?.TokensPerMonth, options.TokensPerMonth, () => usage.ThisMonth(customer, UsageMeters.InputTokens, UsageMeters.OutputTokens));
        return states;

        void Add(string quota, double? customers, double? services, Func<double> used)
        {
            if ((customers ?? services) is { } limit) states.Add(new(quota, limit, used()) { Own = customers is not null, Until = until });
        }
    }

    /// <summary>Gets how far a customer is with its storage.</summary>
    /// <returns><see langword="null"/> where it is not limited.</returns>
    public QuotaInfo? StorageState(CustomerQuotas? own, long usedBytes) => CellSize.TryParseBytes(own?.Storage ?? options.Storage) is { } limit
        ? new QuotaInfo(QuotaNames.Storage, limit, usedBytes) { Own = own?.Storage is not null }
        : null;

    /// <exception cref="OnCellException">A quota of the month is used up.</exception>
    public void Demand(string customer, CustomerQuotas? own = null)
    {
        if (States(customer, own).FirstOrDefault(s => s.Used >= s.Limit) is not { } reached) return;
        throw new OnCellException(OnCellError.Busy,
            $"\"{customer}\" has used up its quota {reached.Quota}: {reached.Used:0.##} of {reached.Limit:0.##}. It begins anew on "
            + $"{reached.Until:yyyy-MM-dd} at 0:00 UTC. {WhoCanRaise(customer, reached)}")
        {
            RetryAfter = reached.Until - time.GetUtcNow(),
        };
    }

    /// <summary>Refuses what would take a customer's storage beyond its quota.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="own">Its own quotas.</param>
    /// <param name="what">What would, as the beginning of a sentence.</param>
    /// <param name="measure">Tells what would be used then; asked only where there is a quota.</param>
    /// <exception cref="OnCellException">It would.</exception>
    public void DemandStorage(string customer, CustomerQuotas? own, string what, Func<long> measure)
    {
        if (StorageState(own, 0) is not { } quota || measure() is var bytes && bytes <= quota.Limit) return;
        throw new OnCellException(OnCellError.Busy,
            $"{what} \"{customer}\" would have {Megabytes(bytes)} on the disk (its cell's disk and its snapshots), and its quota storage is "
            + $"{Megabytes((long)quota.Limit)}. Remove snapshots. {WhoCanRaise(customer, quota)}");
    }

    /// <summary>Refuses a cell whose disk would be more than all may have together.</summary>
    /// <exception cref="OnCellException">There is no room.</exception>
    public void DemandTotalStorage(CellTable cells, AgentDescriptor agent)
    {
        if (CellSize.TryParseBytes(options.TotalStorage) is not { } limit) return;
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        var sum = SizeOf(agent) + cells.All.Sum(c => SizeOf(c.Agent));
        if (sum > limit)
            throw new OnCellException(OnCellError.Busy,
                $"With this customer the cells' disks would be {Megabytes(sum)} together; OnCell:Quotas:TotalStorage is {options.TotalStorage}. Delete customers, or have the operator raise it.");

        long SizeOf(AgentDescriptor one)
        {
            if (!sizes.TryGetValue(one.CodeVersion, out var size))
                sizes[one.CodeVersion] = size = CellSize.ParseStorage(one.ReadSpec(cells.Services.Provider).Storage);
            return size;
        }
    }

    /// <summary>Tells once a month for each quota that it comes near; again, where it was raised since.</summary>
    public void LookAt(LiveCell cell)
    {
        foreach (var state in States(cell.Id, cell.Record.Quotas).Where(s => s.Used >= s.Limit * Near))
        {
            if (!_told.TryAdd((cell.Id, state.Quota, state.Limit, state.Until!.Value), true)) continue;
            cell.Feed.Add("quota.near", new JsonObject
            {
                ["quota"] = state.Quota,
                ["limit"] = state.Limit,
                ["used"] = Math.Round(state.Used, 2),
                ["own"] = state.Own,
                ["until"] = state.Until,
            });
        }
    }

    private static string WhoCanRaise(string customer, QuotaInfo quota) => quota.Own
        ? $"It was set for this customer: whoever manages all customers can raise it (oncell customers quotas set {customer}, or PUT /customers/{customer}/quotas)."
        : $"It is the service's for each customer, {QuotaNames.Setting(quota.Quota)}, which its operator can raise; whoever manages all customers can give this "
            + $"one its own (oncell customers quotas set {customer}, or PUT /customers/{customer}/quotas).";

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1e6:0} MB");
}
