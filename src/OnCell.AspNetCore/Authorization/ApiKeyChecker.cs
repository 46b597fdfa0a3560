using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using OnCell.Access;
using OnCell.Hosting;

namespace OnCell.AspNetCore.Authorization;

/// <summary>Tells whose a key is: the configured administrator's, or one of the registry.</summary>
internal sealed class ApiKeyChecker(IOptions<OnCellApiKeyOptions> options, CellHost host)
{
    private readonly ApiKey? _configured = options.Value.AdministratorKey is { } text
        ? new ApiKey
        {
            Id = "configured",
            Name = "administrator of the configuration",
            Hash = ApiKeyText.Hash(text),
            Areas = OnCellArea.All,
            Created = default,
        }
        : null;

    /// <exception cref="OnCellException">This process does not own the data root, so the keys are not known.</exception>
    public ApiKey? Check(string text) =>
        _configured is { } key && CryptographicOperations.FixedTimeEquals(key.Hash, ApiKeyText.Hash(text))
            ? key
            : host.Cells.Services.ApiKeys.Verify(text);
}
