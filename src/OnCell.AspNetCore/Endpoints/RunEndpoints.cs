using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Description;
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
        runs.MapGet("", ListAsync).Describe("runs.list", "Lists a customer's runs, newest first.")
            .Queries(("customer", "The customer; required."), ("state", "Only runs in this state."), ("method", "Only runs of this method."),
                ("since", "Only runs started at this time or later."), ("until", "Only runs started before.")).Pages();
        runs.MapGet("/{customer}/{run}", async (string customer, string run, ICellManager cells, CancellationToken ct) =>
            RunView.From(customer, await cells.GetRunAsync(customer, Ask.Id(run, "run"), ct))).Describe("runs.get", "Gets a run.");
        runs.MapGet("/{customer}/{run}/steps", StepsAsync).Describe("runs.steps", "Lists a run's steps in order.");
        runs.MapGet("/{customer}/{run}/events", EventsAsync).Describe("runs.events", "Streams a run's events; Last-Event-ID resumes.").Streams();
        runs.MapPost("/{customer}/{run}/cancel", CancelAsync).Describe("runs.cancel", "Asks a run to end; it ends at its next step.").Produces(StatusCodes.Status202Accepted);
        runs.MapPost("/{customer}/{run}/signal", RunVerbEndpoints.SignalAsync).Describe("runs.signal", "Sends a signal to a run that waits for one, or will.").Takes<SignalBody>();
        runs.MapPost("/{customer}/{run}/decide", RunVerbEndpoints.DecideAsync).Describe("runs.decide", "Decides about a step that waits for a person.").Takes<DecideBody>();
        runs.MapPost("/{customer}/{run}/fork", RunVerbEndpoints.ForkAsync).Describe("runs.fork", "Starts a run that shares another's steps up to one, and does the rest anew.")
            .Takes<ForkBody>().Produces<RunView>(StatusCodes.Status202Accepted);
    }

    private static async Task<IReadOnlyList<RunView>> ListAsync(HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var customer = Ask.Required(request, "customer", "Name the customer: GET /runs?customer=ID.");
        var after = Page.After(request);
        if (after is not null) await DemandAsync(cells, customer, after, ct);
        var runs = await cells.ListRunsAsync(customer, new RunFilter
        {
            State = Ask.Choice<RunState>(request, "state"),
            Method = Ask.One(request, "method"),
            Since = Ask.Time(request, "since"),
            Until = Ask.Time(request, "until"),
            OlderThan = after,
            Limit = Page.Limit(request) + 1,
        }, ct);
        return [.. Page.Cut(request, runs, r => r.Id).Select(r => RunView.From(customer, r))];
    }

    private static async Task DemandAsync(ICellManager cells, string customer, string after, CancellationToken ct)
    {
        await cells.GetAsync(customer, ct);
        try
        {
            await cells.GetRunAsync(customer, after, ct);
        }
        catch (OnCellException e) when (e.Error == OnCellError.NotFound)
        {
            throw Page.Unknown();
        }
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
        var after = EventStream.LastEventId(request);
        return EventStream.Result(EventStream.Items(cells.StreamRunAsync(customer, run, after, ct), ct));
    }
}
