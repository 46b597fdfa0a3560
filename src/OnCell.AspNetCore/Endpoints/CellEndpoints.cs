using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Cells: state, timings and the latest decisions of the egress proxy.</summary>
internal static class CellEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/cells", (ICellManager cells, CancellationToken ct) => cells.ListAsync(ct));
        group.MapGet("/cells/{customer}", async (string customer, ICellManager cells, CancellationToken ct) =>
            new CellDetails(await cells.GetAsync(customer, ct), await cells.ListEgressAsync(customer, ct)));
    }
}

/// <summary>A cell and its latest network decisions.</summary>
internal sealed record CellDetails(CellInfo Cell, IReadOnlyList<EgressEvent> Egress);
