using OnCell.Quotas;
using OnCell.Sandboxes;

namespace OnCell.Cells;

/// <summary>Checks a new customer before anything is written.</summary>
internal static class CustomerRequestValidator
{
    private const int MaxConfigEntries = 100;
    private const int MaxTextLength = 10_000;

    /// <exception cref="OnCellException">The request cannot be served as it is.</exception>
    public static void Validate(CustomerRequest request, CellTable cells)
    {
        if (!SandboxId.IsValid(request.Id))
            throw Invalid($"\"{Shorten(request.Id)}\" is not a customer id: use 1 to 63 of a-z, 0-9 and '-', starting with a letter or digit.");
        Deployments.DeploymentManager.DemandName(request.Environment, "environment");
        if (request.Config.Count > MaxConfigEntries)
            throw Invalid($"A customer may have {MaxConfigEntries} settings; this one has {request.Config.Count}.");
        foreach (var (name, value) in request.Config)
        {
            if (name.Length is 0 or > 200 || value is null || value.Length > MaxTextLength)
                throw Invalid($"The setting \"{Shorten(name)}\" is too long or empty: names have 1 to 200 characters, values up to {MaxTextLength}.");
        }

        try
        {
            _ = new BoundGitCredentials(request.GitCredentials);
        }
        catch (ArgumentException e)
        {
            throw new OnCellException(OnCellError.Invalid, e.Message, e);
        }

        if (request.Quotas is { } quotas) CustomerQuotasValidator.Validate(quotas, "quotas");
        if (cells.All.Count() >= cells.Services.Options.MaxCustomers)
            throw new OnCellException(OnCellError.Busy,
                $"There are {cells.Services.Options.MaxCustomers} customers, which is the limit (OnCell:MaxCustomers).");
    }

    private static OnCellException Invalid(string message) => new(OnCellError.Invalid, message);

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..79] + "…";
}
