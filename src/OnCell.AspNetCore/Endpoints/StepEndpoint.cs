using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>One step with what it ended with: a command's output, a model's answer.</summary>
internal static class StepEndpoint
{
    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("/runs/{customer}/{run}/steps/{**position}", GetAsync)
            .RequireAuthorization(OnCellPolicies.Run).Describe("runs.step", "Gets one step with what it ended with.").WithTags("runs");

    private static async Task<StepResultView> GetAsync(
        string customer, string run, string position, ICellManager cells, CancellationToken ct) =>
        new(position, await cells.GetStepResultAsync(customer, Ask.Id(run, "run"), position, ct) is { } json ? JsonNode.Parse(json) : null);
}

/// <summary>What a step ended with.</summary>
internal sealed record StepResultView(string Position, JsonNode? Result);
