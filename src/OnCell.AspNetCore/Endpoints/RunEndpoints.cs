using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Requests;
using OnCell.AspNetCore.Streaming;
using OnCell.Journaling;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Runs: list, look at, follow, cancel.</summary>
internal static class RunEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var runs = group.MapGroup("/runs").RequireAuthorization(OnCellPolicies.Run).WithTags("runs");
        runs.MapGet("", ListAsync).WithName("runs.list");
        runs.MapGet("/{customer}/{run}", async (string customer, string run, ICellManager cells, CancellationToken ct) =>
            RunView.From(customer, await cells.GetRunAsync(customer, Ask.Id(run, "run"), ct))).WithName("runs.get");
        runs.MapGet("/{customer}/{run}/steps", StepsAsync).WithName("runs.steps");
        runs.MapGet("/{customer}/{run}/events", EventsAsync).WithName("runs.events");
        runs.MapPost("/{customer}/{run}/cancel", CancelAsync).WithName("runs.cancel");
        runs.MapPost("/{customer}/{run}/signal", RunVerbEndpoints.SignalAsync).WithName("runs.signal");
        runs.MapPost("/{customer}/{run}/decide", RunVerbEndpoints.DecideAsync).WithName("runs.decide");
        runs.MapPost("/{customer}/{run}/fork", RunVerbEndpoints.ForkAsync).WithName("runs.fork");
    }

    private static async Task<IReadOnlyList<RunView>> ListAsync(HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var customer = Ask.Required(request, "customer", "Name the customer: GET /runs?customer=ID.");
        var state = Ask.Choice<RunState>(request, "state");
        var method = Ask.One(request, "method");
        var (since, until) = (Ask.Time(request, "since"), Ask.Time(request, "until"));
        var runs = (await cells.ListRunsAsync(customer, ct)).Where(r =>
            (state is null || r.State == state) && (method is null || r.Method == method)
            && (since is null || r.CreatedAt >= since) && (until is null || r.CreatedAt < until));
        return [.. Page.Of(request, runs, r => r.Id).Select(r => RunView.From(customer, r))];
    }

    private static async Task<IResult> CancelAsync(string customer, string run, ICellManager cells, CancellationToken ct)
    {
        await cells.CancelRunAsync(customer, Ask.Id(run, "run"), ct);
        return Results.Accepted();
    }

    /// <summary>The path of a run, below whatever prefix the API is mapped to.</summary>
    public static string PathOf(HttpRequest request, string customer, string runId)
    {
        var path = request.Path.Value!;
        return $"{request.PathBase}{path[..path.LastIndexOf("/agents/", StringComparison.Ordinal)]}/runs/{customer}/{runId}";
    }

    private static async Task<IEnumerable<StepView>> StepsAsync(string customer, string run, ICellManager cells, CancellationToken ct)
    {
        var epoch = (await cells.GetRunAsync(customer, Ask.Id(run, "run"), ct)).Epoch;
        return (await cells.ListStepsAsync(customer, run, ct)).Select(step => StepView.From(step, epoch));
    }

    private static async Task<IResult> EventsAsync(
        string customer, string run, HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        await cells.GetRunAsync(customer, Ask.Id(run, "run"), ct);
        var last = request.Headers["Last-Event-ID"].ToString();
        var after = 0L;
        if (last.Length > 0 && !long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            throw Ask.Invalid("Last-Event-ID", "Last-Event-ID is not the id of an event of this stream.");
        return EventStream.Result(EventStream.Items(cells.StreamRunAsync(customer, run, after, ct), ct));
    }
}
