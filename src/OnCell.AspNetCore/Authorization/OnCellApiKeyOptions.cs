using System.ComponentModel.DataAnnotations;

namespace OnCell.AspNetCore;

/// <summary>The settings of the API keys.</summary>
public sealed class OnCellApiKeyOptions
{
    /// <summary>Gets or sets a key with all rights that comes from the configuration, such as the environment variable <c>OnCell__AdministratorKey</c>.</summary>
    /// <value>
    /// The default is <see langword="null"/>: at its first start the service makes one and writes it to the file
    /// <c>administrator.key</c> in the data root, readable by its user only.
    /// </value>
    /// <remarks>At least 32 characters that nobody can guess. It is compared in constant time and never stored.</remarks>
    [MinLength(32)]
    public string? AdministratorKey { get; set; }
}
