using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Endpoints;
using OnCell.Journaling;

namespace OnCell.AspNetCore.Dashboard;

/// <summary>What a page shows, sent whenever it has changed: all cells, or one cell with its runs and network decisions.</summary>
internal static class LiveEndpoint
{
    /// <summary>How many of a customer's runs are shown.</summary>
    private const int MaxRuns = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a silent stream goes without a sign of life, which also finds readers that are gone.</summary>
    private const int BeatsOfSilence = 20;

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("/live", (string? customer, ApiAccess access, ICellManager cells, TimeProvider time, IHostApplicationLifetime host, CancellationToken ct) =>
            TypedResults.ServerSentEvents(ReadAsync(cells, access, customer, time, host.ApplicationStopping, ct)))
            .AddEndpointFilter<CustomerFilter>().RequireAuthorization(OnCellPolicies.Run);

    private static async IAsyncEnumerable<SseItem<string>> ReadAsync(
        ICellManager cells, ApiAccess access, string? customer, TimeProvider time, CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var sent = new Dictionary<string, string>(StringComparer.Ordinal);
        var silence = 0;
        do
        {
            foreach (var (type, value) in await LookAsync(cells, access, customer, ct))
            {
                var json = JsonSerializer.Serialize(value, OnCellJson.Options);
                if (sent.GetValueOrDefault(type) == json) continue;
                sent[type] = json;
                silence = 0;
                yield return new SseItem<string>(json, type);
            }

            if (++silence % BeatsOfSilence == 0) yield return new SseItem<string>("{}", "beat");
        }
        // A page that is open must not hold up a service that stops; the browser comes back to the next one.
        while (await timer.WaitForNextTickAsync(ct) && !stopping.IsCancellationRequested);
    }

    private static async Task<IReadOnlyList<(string Type, object Value)>> LookAsync(
        ICellManager cells, ApiAccess access, string? customer, CancellationToken ct)
    {
        try
        {
            if (customer is null) return [("cells", (await cells.ListAsync(ct)).Where(c => access.Covers(c.Customer)))];
            var cell = await cells.GetAsync(customer, ct);
            var runs = (await cells.ListRunsAsync(customer, new RunFilter { Limit = MaxRuns }, ct)).Select(r => RunView.From(customer, r));
            return [("cell", cell), ("runs", runs.Select(r => r with { Result = null })), ("egress", await cells.ListEgressAsync(customer, ct))];
        }
        catch (OnCellException e)
        {
            return [("problem", new { e.Message })];
        }
    }
}
