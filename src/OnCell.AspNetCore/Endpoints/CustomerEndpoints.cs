using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Streaming;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Endpoints;

/// <summary>Customers: create, list, pause, resume, delete.</summary>
internal static class CustomerEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/customers", CreateAsync);
        group.MapGet("/customers", (ICellManager cells, CancellationToken ct) => cells.ListAsync(ct));
        group.MapGet("/customers/{id}", (string id, ICellManager cells, CancellationToken ct) => cells.GetAsync(id, ct));
        group.MapDelete("/customers/{id}", async (string id, ICellManager cells, CancellationToken ct) =>
        {
            await cells.DeleteAsync(id, ct);
            return Results.NoContent();
        });
        group.MapPost("/customers/{id}/pause", PauseAsync);
        group.MapPost("/customers/{id}/resume", (string id, ICellManager cells, CancellationToken ct) => cells.ResumeAsync(id, ct));
    }

    private static async Task<IResult> CreateAsync(HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync<CreateCustomerBody>(request, ct);
        if (EventStream.IsWanted(request))
            return EventStream.Result(await CustomerStream.StartAsync(cells, body.ToRequest(), ct));
        var cell = await cells.CreateAsync(body.ToRequest(), null, ct);
        return JsonAnswer.At(request, $"{request.PathBase}{request.Path}/{cell.Customer}", cell, StatusCodes.Status201Created);
    }

    private static Task<CellInfo> PauseAsync(string id, string? tier, ICellManager cells, CancellationToken ct)
    {
        if (!Enum.TryParse<PauseTier>(tier ?? nameof(PauseTier.Stopped), ignoreCase: true, out var wanted) || !Enum.IsDefined(wanted))
            throw new OnCellException(OnCellError.Invalid, $"\"{tier}\" is not a pause tier: frozen or stopped.");
        return cells.PauseAsync(id, wanted, ct);
    }
}

/// <summary>The body of <c>POST /customers</c>.</summary>
internal sealed record CreateCustomerBody
{
    public string? Id { get; init; }

    public string? Agent { get; init; }

    public Dictionary<string, string>? Config { get; init; }

    public GitBody? Git { get; init; }

    /// <exception cref="OnCellException">A part is missing.</exception>
    public CustomerRequest ToRequest() => new()
    {
        Id = Id ?? throw new OnCellException(OnCellError.Invalid, "The body has no \"id\": the customer's id."),
        Agent = Agent,
        Config = Config ?? [],
        GitCredentials = [.. (Git?.Credentials ?? []).Select(c => c.ToBinding())],
    };

    internal sealed record GitBody(List<GitCredentialBody>? Credentials);

    internal sealed record GitCredentialBody(string? Url, string? Username, string? Password)
    {
        public GitCredentialBinding ToBinding() => Url is null || Username is null || Password is null
            ? throw new OnCellException(OnCellError.Invalid, "A git credential needs \"url\", \"username\" and \"password\".")
            : new GitCredentialBinding(Url, Username, Password);
    }
}
