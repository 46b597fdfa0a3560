using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Description;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Cells: state, timings and the latest decisions of the egress proxy.</summary>
internal static class CellEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var cells = group.MapGroup("/cells").RequireAuthorization(OnCellPolicies.Run).WithTags("cells");
        cells.MapGet("", CustomerEndpoints.ListAsync).Describe("cells.list", "Lists the cells of the caller's customers.")
            .Queries(("state", "Only cells in this state."), ("agent", "Only cells of this agent.")).Pages();
        cells.MapGet("/{customer}", GetAsync).Describe("cells.get", "Gets a cell and the latest decisions of its egress proxy.");
    }

    private static async Task<CellDetails> GetAsync(string customer, ICellManager cells, CancellationToken ct) =>
        new(await cells.GetAsync(customer, ct), await cells.ListEgressAsync(customer, ct));
}

/// <summary>A cell and its latest network decisions.</summary>
internal sealed record CellDetails(CellInfo Cell, IReadOnlyList<EgressEvent> Egress);
