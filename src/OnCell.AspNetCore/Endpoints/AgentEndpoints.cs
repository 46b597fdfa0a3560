using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Streaming;
using OnCell.Journaling;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Calling an agent's methods: wait, do not wait, or stream.</summary>
internal static class AgentEndpoints
{
    private const int MaxKeyLength = 200;

    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/agents/{method}", RunAsync);
        group.MapPost("/agents/{method}/stream", StreamAsync);
    }

    private static async Task<IResult> RunAsync(string method, HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var (customer, input, key) = await ReadAsync(request, ct);
        var run = await cells.StartRunAsync(customer, method, input, key, ct);
        if (request.Headers["Prefer"].Any(p => p?.Contains("respond-async", StringComparison.OrdinalIgnoreCase) == true))
            return JsonAnswer.At(request, RunEndpoints.PathOf(request, customer, run.Id), RunView.From(run), StatusCodes.Status202Accepted);
        run = await cells.WaitRunAsync(customer, run.Id, ct);
        return run.State == RunState.Completed
            ? JsonAnswer.Of(RunView.From(run))
            : Results.Problem(
                run.Error?.Message ?? $"The run is {run.State}.",
                statusCode: run.IsOpen ? StatusCodes.Status202Accepted : StatusCodes.Status500InternalServerError,
                title: "The run did not complete",
                instance: RunEndpoints.PathOf(request, customer, run.Id));
    }

    private static async Task<IResult> StreamAsync(string method, HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var (customer, input, key) = await ReadAsync(request, ct);
        var (run, events) = await cells.StartAndStreamRunAsync(customer, method, input, key, ct);
        request.HttpContext.Response.Headers.Location = RunEndpoints.PathOf(request, customer, run.Id);
        return EventStream.Result(EventStream.Items(events, ct));
    }

    private static async Task<(string Customer, JsonObject Input, string? Key)> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<RunBody>(request, ct);
        var customer = body.Customer
            ?? throw new OnCellException(OnCellError.Invalid, "The body has no \"customer\": whose cell the method runs in.");
        var key = request.Headers["Idempotency-Key"].ToString();
        if (key.Length > MaxKeyLength)
            throw new OnCellException(OnCellError.Invalid, $"The Idempotency-Key has more than {MaxKeyLength} characters.");
        return (customer, body.Input ?? [], key.Length == 0 ? null : key);
    }

    /// <summary>The body of <c>POST /agents/{method}</c>.</summary>
    private sealed record RunBody(string? Customer, JsonObject? Input);
}
