using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Streaming;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Runs: list, look at, follow, cancel.</summary>
internal static class RunEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/runs", async (string? customer, ICellManager cells, CancellationToken ct) =>
            (await cells.ListRunsAsync(customer
                ?? throw new OnCellException(OnCellError.Invalid, "Name the customer: GET /runs?customer=ID."), ct)).Select(RunView.From));
        group.MapGet("/runs/{customer}/{run}", async (string customer, string run, ICellManager cells, CancellationToken ct) =>
            RunView.From(await cells.GetRunAsync(customer, run, ct)));
        group.MapGet("/runs/{customer}/{run}/steps", StepsAsync);
        group.MapGet("/runs/{customer}/{run}/events", EventsAsync);
        group.MapPost("/runs/{customer}/{run}/cancel", async (string customer, string run, ICellManager cells, CancellationToken ct) =>
        {
            await cells.CancelRunAsync(customer, run, ct);
            return Results.Accepted();
        });
    }

    /// <summary>The path of a run, below whatever prefix the API is mapped to.</summary>
    public static string PathOf(HttpRequest request, string customer, string runId)
    {
        var path = request.Path.Value!;
        return $"{request.PathBase}{path[..path.LastIndexOf("/agents/", StringComparison.Ordinal)]}/runs/{customer}/{runId}";
    }

    private static async Task<IEnumerable<StepView>> StepsAsync(string customer, string run, ICellManager cells, CancellationToken ct)
    {
        var epoch = (await cells.GetRunAsync(customer, run, ct)).Epoch;
        return (await cells.ListStepsAsync(customer, run, ct)).Select(step => StepView.From(step, epoch));
    }

    private static async Task<IResult> EventsAsync(
        string customer, string run, HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        await cells.GetRunAsync(customer, run, ct);
        var last = request.Headers["Last-Event-ID"].ToString();
        var after = 0L;
        if (last.Length > 0 && !long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            throw new OnCellException(OnCellError.Invalid, "Last-Event-ID is not the id of an event of this stream.");
        return EventStream.Result(EventStream.Items(cells.StreamRunAsync(customer, run, after, ct), ct));
    }
}
