using CodingSample.Models;

namespace OnCell.Demo.Checks;

/// <summary>Counts on the provider's side.</summary>
public static class PaidTwice
{
    /// <summary>Counts the calls that were paid for although the same step, or the same run with the same request, had been answered.</summary>
    public static int Count(IEnumerable<CallRecord> calls)
    {
        var paid = calls.Where(call => call.Outcome == CallOutcome.Paid).ToList();
        return Math.Max(
            paid.Count - paid.DistinctBy(call => call.Key).Count(),
            paid.Count - paid.DistinctBy(call => (call.Key.Split('/')[0], call.Request)).Count());
    }
}
