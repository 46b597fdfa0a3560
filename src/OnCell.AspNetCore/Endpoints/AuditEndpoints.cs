using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>The audit log: pages to look at, and all of it as lines of JSON to keep elsewhere.</summary>
internal static class AuditEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var audit = group.MapGroup("/audit").RequireAuthorization(OnCellPolicies.Manage).WithTags("audit");
        audit.MapGet("", ListAsync).Describe("audit.list", "Lists who did what to which cell, oldest first.")
            .Queries(("customer", "Whose cell; required where the caller is bound to customers."), ("actor", "Who."), ("action", "What, such as customers.create."),
                ("since", "From this time on."), ("until", "Before this time.")).Pages();
        audit.MapGet("/export", Export).Describe("audit.export", "Gives all entries as lines of JSON.")
            .Queries(("customer", "Whose cell; required where the caller is bound to customers."), ("actor", "Who."), ("action", "What, such as customers.create."),
                ("since", "From this time on."), ("until", "Before this time.")).Produces(StatusCodes.Status200OK, contentType: "application/jsonl");
    }

    private static async Task<IReadOnlyList<AuditEntry>> ListAsync(
        HttpRequest request, ApiAccess access, IAuditLog audit, CancellationToken ct)
    {
        var limit = Page.Limit(request);
        List<AuditEntry> page = [.. await audit.ReadAsync(Query(request, access) with { Limit = limit + 1 }, ct)];
        if (page.Count <= limit) return page;
        page.RemoveAt(limit);
        Page.Link(request, page[^1].Sequence.ToString(CultureInfo.InvariantCulture));
        return page;
    }

    private static IResult Export(HttpRequest request, ApiAccess access, IAuditLog audit, CancellationToken ct)
    {
        var query = Query(request, access) with { Limit = 1000 };
        return Results.Stream(body => WriteAsync(body, audit, query, ct), "application/jsonl", "audit.jsonl");
    }

    private static async Task WriteAsync(Stream body, IAuditLog audit, AuditQuery query, CancellationToken ct)
    {
        while (await audit.ReadAsync(query, ct) is { Count: > 0 } entries)
        {
            foreach (var entry in entries)
            {
                await body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(entry, OnCellJson.Options), ct);
                await body.WriteAsync("\n"u8.ToArray(), ct);
            }

            query = query with { After = entries[^1].Sequence };
        }
    }

    private static AuditQuery Query(HttpRequest request, ApiAccess access)
    {
        var customer = Ask.One(request, CustomerFilter.Customer);
        if (customer is null) access.DemandAll("The audit log of all customers (name one: ?customer=ID)");
        return new AuditQuery
        {
            Customer = customer,
            Actor = Ask.One(request, "actor"),
            Action = Ask.One(request, "action"),
            Since = Ask.Time(request, "since"),
            Until = Ask.Time(request, "until"),
            After = Ask.Number(request, "after", 0, 0, int.MaxValue),
        };
    }
}
