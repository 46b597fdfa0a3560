using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;
using OnCell.AspNetCore.Streaming;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>What there is to see of a customer's cell: files, events, log, usage.</summary>
internal static class InspectionEndpoints
{
    private const int MaxFileBytes = 8 << 20;

    private static readonly TimeSpan MaxUsageSpan = TimeSpan.FromDays(366);

    public static void Map(RouteGroupBuilder group)
    {
        var customer = group.MapGroup("/customers/{customer}").RequireAuthorization(OnCellPolicies.Run).WithTags("customers");
        customer.MapGet("/files", ListFilesAsync).Describe("customers.files", "Lists a folder of the cell; wakes it.")
            .Queries(("path", "Absolute in the cell, or relative to /work, the default.")).Pages();
        customer.MapGet("/files/content", ReadFileAsync).Describe("customers.files.content", "Reads a file of the cell, of at most 8 MiB; wakes it.")
            .Queries(("path", "Absolute in the cell, or relative to /work.")).Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
        customer.MapGet("/events", Events).Describe("customers.events", "Lists the cell's latest events; with Accept: text/event-stream it streams them, and Last-Event-ID resumes.")
            .Pages().Produces<IReadOnlyList<CellEvent>>();
        customer.MapGet("/logs", Logs).Describe("customers.logs", "Lists the latest lines of the agent's log; with Accept: text/event-stream it streams them.")
            .Pages().Produces<IReadOnlyList<CellEvent>>();
        customer.MapGet("/usage", UsageAsync).Describe("customers.usage", "Gets what a customer used: totals, quotas of this month, records by hour.")
            .Queries(("since", "From this time on; the month's beginning by default."), ("until", "Before this time; now by default."));
    }

    private static async Task<IReadOnlyList<SandboxFile>> ListFilesAsync(
        string customer, HttpRequest request, ICellInspector inspector, CancellationToken ct)
    {
        var files = await inspector.ListFilesAsync(customer, Ask.Path(request, "path") ?? ".", ct);
        return Page.Of(request, files.OrderBy(f => f.Name, StringComparer.Ordinal), f => f.Name);
    }

    private static async Task<IResult> ReadFileAsync(
        string customer, HttpRequest request, ICellInspector inspector, CancellationToken ct)
    {
        var path = Ask.Path(request, "path") ?? throw Ask.Invalid("path", "Name the file: ?path=readme.md.");
        var content = await inspector.ReadFileAsync(customer, path, MaxFileBytes, ct);

        // What a cell holds is hostile: a browser must neither guess its type nor run it.
        var headers = request.HttpContext.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return Results.Bytes(content, "application/octet-stream", Path.GetFileName(path));
    }

    private static IResult Events(string customer, HttpRequest request, ICellInspector inspector, CancellationToken ct)
    {
        var after = EventStream.LastEventId(request);
        return EventStream.IsWanted(request)
            ? EventStream.Result(EventStream.Items(inspector.FollowEventsAsync(customer, Known(customer, after, inspector), ct), ct))
            : JsonAnswer.Of(List(request, inspector.ListEvents(customer, after)));
    }

    private static IResult Logs(string customer, HttpRequest request, ICellInspector inspector, CancellationToken ct)
    {
        var after = EventStream.LastEventId(request);
        return EventStream.IsWanted(request)
            ? EventStream.Result(EventStream.Items(
                inspector.FollowEventsAsync(customer, Known(customer, after, inspector), ct).Where(e => e.Type == "log"), ct))
            : JsonAnswer.Of(List(request, inspector.ListEvents(customer, after).Where(e => e.Type == "log")));
    }

    private static async Task<UsageView> UsageAsync(
        string customer, HttpRequest request, ICellManager cells, IUsageLog usage, IQuotas quotas, TimeProvider time, CancellationToken ct)
    {
        await cells.GetAsync(customer, ct);
        var until = Ask.Time(request, "until") ?? time.GetUtcNow().AddHours(1);
        var since = Ask.Time(request, "since") ?? new DateTimeOffset(until.Year, until.Month, 1, 0, 0, 0, TimeSpan.Zero);
        if (since >= until || until - since > MaxUsageSpan)
            throw Ask.Invalid("since", "\"since\" is before \"until\", and not more than 366 days.");
        var records = await usage.ReadAsync(customer, since, until, ct);
        return new UsageView(
            since, until,
            records.GroupBy(r => r.Meter).ToDictionary(g => g.Key, g => g.Sum(r => r.Amount)),
            await quotas.ListAsync(customer, ct), records);
    }

    /// <summary>Throws before the stream begins, so that an unknown customer is answered with its status.</summary>
    private static long Known(string customer, long after, ICellInspector inspector)
    {
        inspector.ListEvents(customer, long.MaxValue);
        return after;
    }

    private static IReadOnlyList<CellEvent> List(HttpRequest request, IEnumerable<CellEvent> events) =>
        Page.Cut(request, events.Where(AfterSequence(request)), e => e.Sequence.ToString(CultureInfo.InvariantCulture));

    private static Func<CellEvent, bool> AfterSequence(HttpRequest request)
    {
        if (Page.After(request) is not { } text) return _ => true;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var after)
            ? e => e.Sequence > after
            : throw Ask.Invalid("after", "\"after\" is the number of an event, as \"sequence\" shows it.");
    }
}

/// <summary>What a customer used: the totals, the quotas of this month, and the records by hour.</summary>
internal sealed record UsageView(
    DateTimeOffset Since, DateTimeOffset Until, IReadOnlyDictionary<string, double> Totals,
    IReadOnlyList<QuotaInfo> Quotas, IReadOnlyList<UsageRecord> Records);
