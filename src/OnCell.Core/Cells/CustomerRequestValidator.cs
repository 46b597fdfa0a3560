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
            throw Invalid("id", $"\"{Shown.Short(request.Id)}\" is not a customer id: use 1 to 63 of a-z, 0-9 and '-', starting with a letter or digit.");
        Deployments.DeploymentManager.DemandName(request.Environment, "environment");
        if (request.Config.Count > MaxConfigEntries)
            throw Invalid("config", $"A customer may have {MaxConfigEntries} settings; this one has {request.Config.Count}.");
        foreach (var (name, value) in request.Config)
        {
            if (name.Length is 0 or > 200 || name.Any(char.IsControl) || value is null || value.Length > MaxTextLength || value.Contains('\0', StringComparison.Ordinal))
                throw Invalid("config", $"The setting \"{Shown.Short(name)}\" cannot be: names have 1 to 200 characters, none of them a control character, values up to {MaxTextLength}, and no zero byte.");
        }

        try
        {
            _ = new BoundGitCredentials(request.GitCredentials);
        }
        catch (ArgumentException e)
        {
            throw new OnCellException(OnCellError.Invalid, Shown.Plainly(e), e) { Field = "git.credentials" };
        }

        if (request.Quotas is { } quotas) CustomerQuotasValidator.Validate(quotas, "quotas");
        if (cells.All.Count() >= cells.Services.Options.MaxCustomers)
            throw new OnCellException(OnCellError.Busy,
                $"There are {cells.Services.Options.MaxCustomers} customers, which is the limit (OnCell:MaxCustomers).");
    }

    private static OnCellException Invalid(string field, string message) => new(OnCellError.Invalid, message) { Field = field };
}
