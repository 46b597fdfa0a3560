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

    private readonly ConcurrentDictionary<(string Customer, string Quota, int Month), bool> _told = new();

    /// <summary>Gets what a customer has used of its quotas in this month.</summary>
    public IReadOnlyList<QuotaInfo> States(string customer)
    {
        var states = new List<QuotaInfo>();
        if (options.ComputeHoursPerMonth is { } hours)
            states.Add(new("computeHoursPerMonth", hours, usage.ThisMonth(customer, UsageMeters.ActiveSeconds) / SecondsPerHour));
        if (options.TokensPerMonth is { } tokens)
            states.Add(new("tokensPerMonth", tokens, usage.ThisMonth(customer, UsageMeters.InputTokens, UsageMeters.OutputTokens)));
        return states;
    }

    /// <exception cref="OnCellException">A quota of the month is used up.</exception>
    public void Demand(string customer)
    {
        if (States(customer).FirstOrDefault(s => s.Used >= s.Limit) is not { } reached) return;
        var now = time.GetUtcNow();
        var next = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
        throw new OnCellException(OnCellError.Busy,
            $"\"{customer}\" has used its quota {reached.Quota} of {reached.Limit:0.##} (used: {reached.Used:0.##}). It begins anew on "
            + $"{next:yyyy-MM-dd} UTC; an operator can raise OnCell:Quotas:{char.ToUpperInvariant(reached.Quota[0])}{reached.Quota[1..]}.")
        {
            RetryAfter = next - now,
        };
    }

    /// <summary>Refuses a cell whose disk would be more than all may have together.</summary>
    /// <exception cref="OnCellException">There is no room.</exception>
    public void DemandStorage(CellTable cells, AgentDescriptor agent)
    {
        if (options.TotalStorage is not { } total) return;
        var limit = CellSize.ParseStorage(total);
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        var sum = SizeOf(agent) + cells.All.Sum(c => SizeOf(c.Agent));
        if (sum > limit)
            throw new OnCellException(OnCellError.Busy,
                $"With this customer the cells' disks would be {sum >> 30} GiB together; OnCell:Quotas:TotalStorage is {total}. Delete customers, or raise it.");

        long SizeOf(AgentDescriptor one)
        {
            if (!sizes.TryGetValue(one.CodeVersion, out var size))
                sizes[one.CodeVersion] = size = CellSize.ParseStorage(one.ReadSpec(cells.Services.Provider).Storage);
            return size;
        }
    }

    /// <summary>Tells once a month for each quota that it comes near.</summary>
    public void LookAt(LiveCell cell)
    {
        foreach (var state in States(cell.Id).Where(s => s.Used >= s.Limit * Near))
        {
            var now = time.GetUtcNow();
            if (!_told.TryAdd((cell.Id, state.Quota, (now.Year * 12) + now.Month), true)) continue;
            cell.Feed.Add("quota.near", new JsonObject
            {
                ["quota"] = state.Quota,
                ["limit"] = state.Limit,
                ["used"] = Math.Round(state.Used, 2),
            });
        }
    }
}
