using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Errors;
using OnCell.AspNetCore.Requests;
using OnCell.AspNetCore.Streaming;
using OnCell.Journaling;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Calling an agent's methods: wait, do not wait, or stream.</summary>
internal static class AgentEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var run = group.MapGroup("/agents").RequireAuthorization(OnCellPolicies.Run).WithTags("agents");
        run.MapPost("/{method}", RunAsync).Describe("agents.run", "Calls a method of the customer's agent and waits; with Prefer: respond-async it does not wait.")
            .Takes<RunBody>().Produces<RunView>().Produces<RunView>(StatusCodes.Status202Accepted);
        run.MapPost("/{method}/stream", StreamAsync).Describe("agents.stream", "Calls a method of the customer's agent and streams the run's events.")
            .Takes<RunBody>().Streams();
    }

    private static async Task<IResult> RunAsync(
        string method, HttpRequest request, ApiAccess access, ICellManager cells, CancellationToken ct)
    {
        var (customer, input, key) = await ReadAsync(request, access, ct);
        var run = await cells.StartRunAsync(customer, method, input, key, ct);
        if (request.Headers["Prefer"].Any(p => p?.Contains("respond-async", StringComparison.OrdinalIgnoreCase) == true))
            return JsonAnswer.At(request, RunEndpoints.PathOf(request, customer, run.Id), RunView.From(customer, run), StatusCodes.Status202Accepted);
        run = await cells.WaitRunAsync(customer, run.Id, ct);
        return run.State == RunState.Completed
            ? JsonAnswer.Of(RunView.From(customer, run))
            : Problem.Of(
                request.HttpContext,
                run.IsOpen ? StatusCodes.Status202Accepted : StatusCodes.Status500InternalServerError,
                run.Error?.Message ?? $"The run is {run.State}.",
                instance: RunEndpoints.PathOf(request, customer, run.Id));
    }

    private static async Task<IResult> StreamAsync(
        string method, HttpRequest request, ApiAccess access, ICellManager cells, CancellationToken ct)
    {
        var (customer, input, key) = await ReadAsync(request, access, ct);
        var (run, events) = await cells.StartAndStreamRunAsync(customer, method, input, key, ct);
        request.HttpContext.Response.Headers.Location = RunEndpoints.PathOf(request, customer, run.Id);
        return EventStream.Result(EventStream.Items(events, ct));
    }

    private static async Task<(string Customer, JsonObject Input, string? Key)> ReadAsync(
        HttpRequest request, ApiAccess access, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<RunBody>(request, ct);
        var customer = Ask.Required(body.Customer, "customer", "whose cell the method runs in");
        access.Demand(customer);
        return (customer, body.Input ?? [], Ask.IdempotencyKey(request));
    }
}

/// <summary>The body of <c>POST /agents/{method}</c>.</summary>
internal sealed record RunBody(string? Customer, JsonObject? Input);
