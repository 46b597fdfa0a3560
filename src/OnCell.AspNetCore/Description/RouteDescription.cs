using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Description;

/// <summary>What a route says of itself in the OpenAPI document, beyond what its handler shows.</summary>
internal static class RouteDescription
{
    /// <summary>Names the route, which the audit log does too, and adds the failures that any route has.</summary>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder route, string name, string summary)
    {
        route.WithName(name).WithSummary(summary);
        foreach (var status in (int[])[400, 401, 403, 404, 429, 503]) route.ProducesProblem(status);
        return route;
    }

    /// <summary>Says what the body is. It is read whatever the request calls it: people send JSON by <c>curl -d</c>.</summary>
    public static RouteHandlerBuilder Takes<TBody>(this RouteHandlerBuilder route) =>
        route.WithMetadata(new BodyDescription(typeof(TBody))).ProducesProblem(408).ProducesProblem(413);

    /// <summary>Says what the query may have.</summary>
    public static RouteHandlerBuilder Queries(this RouteHandlerBuilder route, params ReadOnlySpan<(string Name, string What)> parameters)
    {
        foreach (var (name, what) in parameters) route.WithMetadata(new QueryDescription(name, what));
        return route;
    }

    /// <summary>Says that a list comes in pages.</summary>
    public static RouteHandlerBuilder Pages(this RouteHandlerBuilder route) => route.Queries(
        ("limit", "How many, 1 to 1,000; 100 by default."), ("after", "The key of the last item seen; the header Link leads to the next page."));

    /// <summary>Says that the answer is a stream of events.</summary>
    public static RouteHandlerBuilder Streams(this RouteHandlerBuilder route) =>
        route.Produces(StatusCodes.Status200OK, contentType: "text/event-stream");
}

/// <summary>The form of a route's body.</summary>
internal sealed record BodyDescription(Type Type);

/// <summary>A query parameter of a route.</summary>
internal sealed record QueryDescription(string Name, string What);
