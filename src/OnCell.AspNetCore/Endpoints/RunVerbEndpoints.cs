using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OnCell.AspNetCore.Requests;
using OnCell.Journaling;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>What is done to a run from outside: a signal, a decision, a fork.</summary>
internal static class RunVerbEndpoints
{
    private const int MaxPositionLength = 200;

    public static async Task<SignalAnswer> SignalAsync(
        string customer, string run, HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<SignalBody>(request, ct);
        var name = Ask.Required(body.Name, "name", "the signal's name");
        return new SignalAnswer(await cells.SignalRunAsync(
            customer, Ask.Id(run, "run"), name, body.Payload, Ask.IdempotencyKey(request), ct));
    }

    public static async Task<RunView> DecideAsync(
        string customer, string run, HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<DecideBody>(request, ct);
        var position = Position(body.Position, "position");
        await cells.DecideRunAsync(customer, Ask.Id(run, "run"), position, body.ToDecision(), ct);
        return RunView.From(customer, await cells.GetRunAsync(customer, run, ct));
    }

    public static async Task<IResult> ForkAsync(
        string customer, string run, HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<ForkBody>(request, ct);
        var fork = await cells.ForkRunAsync(
            customer, Ask.Id(run, "run"), Position(body.BeforePosition, "beforePosition"), Ask.IdempotencyKey(request), ct);
        var path = request.Path.Value!;
        var location = $"{request.PathBase}{path[..path.LastIndexOf($"/{run}/", StringComparison.Ordinal)]}/{fork.Id}";
        return JsonAnswer.At(request, location, RunView.From(customer, fork), StatusCodes.Status202Accepted);
    }

    private static string Position(string? position, string field) => position is { Length: > 0 and <= MaxPositionLength }
        ? position
        : throw Ask.Invalid(field, $"The body names no step: \"{field}\" is a step's position, as GET …/steps shows it.");
}

/// <summary>The body of <c>POST …/signal</c>.</summary>
internal sealed record SignalBody(string? Name, JsonNode? Payload);

/// <summary>Whether a signal was sent, or had been by an earlier request with the same key.</summary>
internal sealed record SignalAnswer(bool Sent);

/// <summary>The body of <c>POST …/fork</c>.</summary>
internal sealed record ForkBody(string? BeforePosition);

/// <summary>The body of <c>POST …/decide</c>.</summary>
internal sealed record DecideBody(string? Position, string? Decision, JsonNode? Result, string? Message)
{
    /// <exception cref="OnCellException">It is no decision.</exception>
    public StepDecision ToDecision() => Decision switch
    {
        "runAgain" => new StepDecision.RunAgain(),
        "skip" => new StepDecision.Skip(Result?.ToJsonString(OnCellJson.Options) ?? "null"),
        "fail" => new StepDecision.Fail(Ask.Required(Message, "message", "why the step failed")),
        _ => throw Ask.Invalid("decision", "\"decision\" is one of runAgain, skip (with \"result\"), fail (with \"message\")."),
    };
}
