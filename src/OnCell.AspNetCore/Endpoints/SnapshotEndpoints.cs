using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Copies of a cell's disk: to go back to, and to begin other cells with.</summary>
internal static class SnapshotEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/customers/{customer}/snapshots", (string customer, ICellManager cells, CancellationToken ct) =>
                cells.ListSnapshotsAsync(customer, ct)).RequireAuthorization(OnCellPolicies.Run).WithTags("customers")
            .Describe("customers.snapshots.list", "Lists the copies of a cell's disk, oldest first.");

        var manage = group.MapGroup("/customers/{customer}").RequireAuthorization(OnCellPolicies.Manage).WithTags("customers");
        manage.MapPost("/snapshots", CreateAsync).Describe("customers.snapshots.create", "Copies a cell's disk as it is at this moment.")
            .Takes<CreateSnapshotBody>().Produces<SandboxSnapshot>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);
        manage.MapPost("/snapshots/{snapshot}/restore", (string customer, string snapshot, ICellManager cells, CancellationToken ct) =>
                cells.RestoreSnapshotAsync(customer, snapshot, ct))
            .Describe("customers.snapshots.restore", "Puts a copy in the place of an idle cell's disk; what was written since is lost.")
            .ProducesProblem(StatusCodes.Status409Conflict);
        manage.MapDelete("/snapshots/{snapshot}", DeleteAsync).Describe("customers.snapshots.delete", "Removes a copy.")
            .Produces(StatusCodes.Status204NoContent);
        manage.MapPost("/fork", ForkAsync).Describe("customers.fork", "Makes a new customer whose cell begins with a copy of this one's disk.")
            .Takes<ForkCustomerBody>().Produces<CellInfo>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> CreateAsync(string customer, HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<CreateSnapshotBody>(request, ct);
        var snapshot = await cells.CreateSnapshotAsync(customer, body.Name, ct);
        return JsonAnswer.At(request, $"{request.PathBase}{request.Path}/{snapshot.Name}", snapshot, StatusCodes.Status201Created);
    }

    private static async Task<IResult> DeleteAsync(string customer, string snapshot, ICellManager cells, CancellationToken ct)
    {
        await cells.DeleteSnapshotAsync(customer, snapshot, ct);
        return Results.NoContent();
    }

    private static async Task<IResult> ForkAsync(string customer, HttpRequest request, ApiAccess access, ICellManager cells, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<ForkCustomerBody>(request, ct);
        var wanted = new CustomerRequest { Id = Ask.Required(body.Id, "id", "the new customer's id"), Config = body.Config ?? [] };
        access.DemandNew(wanted.Id);
        var cell = await cells.ForkAsync(customer, wanted, body.Snapshot, null, ct);
        return JsonAnswer.At(request, $"{request.PathBase}{request.Path.Value![..^$"{customer}/fork".Length]}{cell.Customer}", cell, StatusCodes.Status201Created);
    }
}

/// <summary>The body of <c>POST /customers/{customer}/snapshots</c>.</summary>
internal sealed record CreateSnapshotBody
{
    /// <summary>Gets the name; the time where there is none.</summary>
    public string? Name { get; init; }
}

/// <summary>The body of <c>POST /customers/{customer}/fork</c>.</summary>
internal sealed record ForkCustomerBody
{
    public string? Id { get; init; }

    /// <summary>Gets the copy to begin with; the disk as it is now where there is none.</summary>
    public string? Snapshot { get; init; }

    public Dictionary<string, string>? Config { get; init; }
}
