using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Webhooks: addresses that are told of runs and quotas. An administrator's right: they carry what customers do to elsewhere.</summary>
internal static class WebhookEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var webhooks = group.MapGroup("/webhooks").RequireAuthorization(OnCellPolicies.Deploy).AddEndpointFilter<AllCustomersFilter>().WithTags("webhooks");
        webhooks.MapPost("", CreateAsync).Describe("webhooks.create", "Adds an address that is told of what happens; the secret that signs its messages is shown once.")
            .Takes<CreateWebhookBody>().Produces<NewWebhookView>(StatusCodes.Status201Created);
        webhooks.MapGet("", (IWebhooks all, CancellationToken ct) => all.ListAsync(ct)).Describe("webhooks.list", "Lists the webhooks, without their secrets.");
        webhooks.MapDelete("/{webhook}", DeleteAsync).Describe("webhooks.delete", "Removes a webhook with its deliveries.").Produces(StatusCodes.Status204NoContent);
        webhooks.MapGet("/{webhook}/deliveries", (string webhook, IWebhooks all, CancellationToken ct) => all.ListDeliveriesAsync(Ask.Id(webhook, "webhook"), ct))
            .Describe("webhooks.deliveries", "Lists the latest messages of a webhook and what became of them, newest first.");
        webhooks.MapPost("/{webhook}/deliveries/{delivery}/retry", RetryAsync).Describe("webhooks.retry", "Has a message sent again now.")
            .Produces(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> CreateAsync(HttpRequest request, IWebhooks webhooks, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<CreateWebhookBody>(request, ct);
        var text = Ask.Required(body.Url, "url", "where the messages go");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url)) throw Ask.Invalid("url", "\"url\" is no address.");
        var (webhook, secret) = await webhooks.AddAsync(url, body.Events ?? WebhookEvents.All, body.Customer, ct);
        return JsonAnswer.At(request, $"{request.PathBase}{request.Path}/{webhook.Id}", new NewWebhookView(webhook, secret), StatusCodes.Status201Created);
    }

    private static async Task<IResult> DeleteAsync(string webhook, IWebhooks webhooks, CancellationToken ct) =>
        await webhooks.RemoveAsync(Ask.Id(webhook, "webhook"), ct)
            ? Results.NoContent()
            : throw new OnCellException(OnCellError.NotFound, $"There is no webhook \"{webhook}\".") { Field = "webhook" };

    private static async Task<IResult> RetryAsync(string webhook, string delivery, IWebhooks webhooks, CancellationToken ct)
    {
        await webhooks.RetryAsync(Ask.Id(webhook, "webhook"), Ask.Id(delivery, "delivery"), ct);
        return Results.Accepted();
    }
}

/// <summary>The body of <c>POST /webhooks</c>.</summary>
internal sealed record CreateWebhookBody
{
    public string? Url { get; init; }

    /// <summary>Gets of what it is told; of everything where there is none.</summary>
    public List<string>? Events { get; init; }

    /// <summary>Gets whose events; those of all customers where there is none.</summary>
    public string? Customer { get; init; }
}

/// <summary>A new webhook and the secret that signs its messages.</summary>
internal sealed record NewWebhookView(Webhook Webhook, string Secret);
