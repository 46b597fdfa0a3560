using System.Globalization;

namespace OnCell.Demo.Service;

/// <summary>How the service with an agent is started. The same each time, so that it finds its data again.</summary>
public sealed record ServiceOptions
{
    /// <summary>The name under which the cells know the git host. Only the service's own table of hosts resolves it.</summary>
    public const string GitHostName = "git.acme.test";

    /// <summary>Gets the service's data: registry, images, cells.</summary>
    public required string DataRoot { get; init; }

    /// <summary>Gets the file that counts the model's calls.</summary>
    public required string Ledger { get; init; }

    /// <summary>Gets the file that receives the service's log.</summary>
    public required string Log { get; init; }

    /// <summary>Gets the port of the git host on 127.0.0.1.</summary>
    public required int GitPort { get; init; }

    /// <summary>Gets the Debian packages in each cell.</summary>
    public required IReadOnlyList<string> Packages { get; init; }

    /// <summary>Gets the sample that is started.</summary>
    /// <value>The default is <c>CodingAgent</c>.</value>
    public string Program { get; init; } = "CodingAgent";

    /// <summary>Gets settings beside these, by their names in the configuration.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the service's configuration as environment variables.</summary>
    public IReadOnlyDictionary<string, string> ToEnvironment()
    {
        var port = GitPort.ToString(CultureInfo.InvariantCulture);
        var environment = new Dictionary<string, string>
        {
            ["OnCell__DataRoot"] = DataRoot,
            [$"OnCell__Hosts__{GitHostName}"] = "127.0.0.1",
            ["CodingAgent__Ledger"] = Ledger,
            ["CodingAgent__Allow__0"] = $"{GitHostName}:{port}",
            ["CodingAgent__Allow__1"] = $"127.0.0.1/32:{port}",
        };
        foreach (var (index, package) in Packages.Index())
            environment[$"CodingAgent__Packages__{index}"] = package;
        foreach (var (name, value) in Settings)
            environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        return environment;
    }
}
