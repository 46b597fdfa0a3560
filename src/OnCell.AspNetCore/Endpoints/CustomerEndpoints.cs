using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Authorization;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;
using OnCell.AspNetCore.Streaming;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Customers: create, list, pause, resume, delete.</summary>
internal static class CustomerEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var run = group.MapGroup("/customers").RequireAuthorization(OnCellPolicies.Run).WithTags("customers");
        run.MapGet("", ListAsync).Describe("customers.list", "Lists the caller's customers.")
            .Queries(("state", "Only cells in this state."), ("agent", "Only cells of this agent.")).Pages();
        run.MapGet("/{customer}", (string customer, ICellManager cells, CancellationToken ct) => cells.GetAsync(customer, ct))
            .Describe("customers.get", "Gets a customer's cell.");
        run.MapPost("/{customer}/resume", (string customer, ICellManager cells, CancellationToken ct) => cells.ResumeAsync(customer, ct))
            .Describe("customers.resume", "Wakes a cell.");

        var manage = group.MapGroup("/customers").RequireAuthorization(OnCellPolicies.Manage).WithTags("customers");
        manage.MapPost("", CreateAsync).Describe("customers.create", "Makes a customer's cell and runs the agent's setup; with Accept: text/event-stream it streams the progress.")
            .Takes<CreateCustomerBody>().Produces<CellInfo>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);
        manage.MapDelete("/{customer}", DeleteAsync).Describe("customers.delete", "Ends a customer's runs and removes the cell with all its data.")
            .Produces(StatusCodes.Status204NoContent);
        manage.MapPost("/{customer}/pause", PauseAsync).Describe("customers.pause", "Pauses an idle cell.")
            .Queries(("tier", "frozen, or stopped (the default).")).ProducesProblem(StatusCodes.Status409Conflict);
    }

    public static async Task<IReadOnlyList<CellInfo>> ListAsync(
        HttpRequest request, ApiAccess access, ICellManager cells, CancellationToken ct)
    {
        var state = Ask.Choice<CellState>(request, "state");
        var agent = Ask.One(request, "agent");
        var all = (await cells.ListAsync(ct))
            .Where(c => access.Covers(c.Customer) && (state is null || c.State == state) && (agent is null || c.Agent == agent));
        return Page.Of(request, all, c => c.Customer);
    }

    private static async Task<IResult> CreateAsync(HttpRequest request, ApiAccess access, ICellManager cells, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<CreateCustomerBody>(request, ct);
        var wanted = body.ToRequest();
        access.DemandNew(wanted.Id);
        if (wanted.Quotas is not null) access.DemandAll("Setting quotas");
        if (EventStream.IsWanted(request))
        {
            return EventStream.Result(await ProgressStream.StartAsync(
                "customer", new JsonObject { ["customer"] = wanted.Id }, progress => cells.CreateAsync(wanted, progress, ct), ct));
        }

        var cell = await cells.CreateAsync(wanted, null, ct);
        return JsonAnswer.At(request, $"{request.PathBase}{request.Path}/{cell.Customer}", cell, StatusCodes.Status201Created);
    }

    private static async Task<IResult> DeleteAsync(string customer, ICellManager cells, CancellationToken ct)
    {
        await cells.DeleteAsync(customer, ct);
        return Results.NoContent();
    }

    private static Task<CellInfo> PauseAsync(string customer, HttpRequest request, ICellManager cells, CancellationToken ct) =>
        cells.PauseAsync(customer, Ask.Choice<PauseTier>(request, "tier") ?? PauseTier.Stopped, ct);
}

/// <summary>The body of <c>POST /customers</c>.</summary>
internal sealed record CreateCustomerBody
{
    public string? Id { get; init; }

    public string? Agent { get; init; }

    /// <summary>Gets the environment whose deployed agents are the customer's; production where there is none.</summary>
    public string? Environment { get; init; }

    public Dictionary<string, string>? Config { get; init; }

    public GitBody? Git { get; init; }

    /// <summary>Gets its own quotas; those of the service where there are none. Setting them needs access to all customers.</summary>
    public CustomerQuotas? Quotas { get; init; }

    /// <exception cref="OnCellException">A part is missing.</exception>
    public CustomerRequest ToRequest() => new()
    {
        Id = Ask.Required(Id, "id", "the customer's id"),
        Agent = Agent,
        Environment = Environment ?? Placement.Production,
        Config = Config ?? [],
        Quotas = Quotas,
        GitCredentials = [.. (Git?.Credentials ?? []).Select(c => c?.ToBinding() ?? throw GitCredentialBody.Incomplete())],
    };

    internal sealed record GitBody(List<GitCredentialBody?>? Credentials);

    internal sealed record GitCredentialBody(string? Url, string? Username, string? Password)
    {
        public GitCredentialBinding ToBinding() => Url is null || Username is null || Password is null
            ? throw Incomplete()
            : new GitCredentialBinding(Url, Username, Password);

        public static OnCellException Incomplete() => Ask.Invalid("git.credentials", "A git credential needs \"url\", \"username\" and \"password\".");
    }
}
