namespace OnCell.Client;

/// <summary>A customer to create.</summary>
public sealed record NewCustomer
{
    /// <summary>Gets the id: 1 to 63 of <c>a-z</c>, <c>0-9</c> and <c>-</c>, starting with a letter or digit.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the agent's class name; may be absent where the service has only one.</summary>
    public string? Agent { get; init; }

    /// <summary>Gets the environment whose deployed agents are the customer's, or <see langword="null"/> for production.</summary>
    public string? Environment { get; init; }

    /// <summary>Gets the settings that the agent reads.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the git credentials of the customer's repositories, or <see langword="null"/>.</summary>
    public CustomerGit? Git { get; init; }

    /// <summary>Gets the customer's own quotas, or <see langword="null"/> for those of the service. Setting them needs access to all customers.</summary>
    public CustomerQuotas? Quotas { get; init; }
}

/// <summary>How a customer's repositories are reached.</summary>
/// <param name="Credentials">The credentials; each is used for its repository only and never enters the cell.</param>
public sealed record CustomerGit(IReadOnlyList<GitCredential> Credentials);

/// <summary>A credential for one repository.</summary>
/// <param name="Url">The repository.</param>
/// <param name="Username">The user name.</param>
/// <param name="Password">The password or token.</param>
public sealed record GitCredential(string Url, string Username, string Password)
{
    /// <summary>Names the repository only: a record's text must not show the password.</summary>
    public override string ToString() => $"GitCredential for {Url}";
}

/// <summary>A step of making a cell, for people who wait.</summary>
/// <param name="Phase">What is being done, such as <c>image</c> or <c>clone</c>.</param>
/// <param name="Message">A line to show.</param>
/// <param name="Done">How much is done, where it can be counted.</param>
/// <param name="Total">How much there is, where it can be counted.</param>
public sealed record CellProgress(string Phase, string Message, long? Done = null, long? Total = null);
