using OnCell.Client.Transport;

namespace OnCell.Client;

/// <summary>A typed client of OnCell's HTTP API. Safe for use by many callers at once; make one and keep it.</summary>
/// <remarks>
/// Every call throws <see cref="OnCellApiException"/> where the service refuses or fails it, and
/// <see cref="OnCellUnreachableException"/> where no answer came after the retries that are safe.
/// </remarks>
public sealed class OnCellClient
{
    /// <summary>Makes a client over an HTTP client whose base address, key and handlers are set already.</summary>
    /// <param name="http">The HTTP client; <c>AddOnCellClient</c> and <see cref="Create"/> make a fitting one.</param>
    public OnCellClient(HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.BaseAddress is null)
            throw new ArgumentException("The HTTP client has no base address: set OnCellClientOptions.Address.", nameof(http));
        var api = new ApiTransport(http);
        Customers = new CustomersClient(api);
        Cells = new CellsClient(api);
        Agents = new AgentsClient(api);
        Runs = new RunsClient(api);
        Secrets = new SecretsClient(api);
        Deployments = new DeploymentsClient(api);
        Images = new ImagesClient(api);
        Webhooks = new WebhooksClient(api);
        Service = new ServiceClient(api);
    }

    /// <summary>Gets the customers: create, list, pause, resume, delete.</summary>
    public CustomersClient Customers { get; }

    /// <summary>Gets the cells: state, network decisions, a terminal.</summary>
    public CellsClient Cells { get; }

    /// <summary>Gets the agents' methods: start, wait, stream.</summary>
    public AgentsClient Agents { get; }

    /// <summary>Gets the runs: list, look at, follow, cancel, decide, signal.</summary>
    public RunsClient Runs { get; }

    /// <summary>Gets the secrets: list, set, delete.</summary>
    public SecretsClient Secrets { get; }

    /// <summary>Gets the deployments: list, deploy, promote, roll back.</summary>
    public DeploymentsClient Deployments { get; }

    /// <summary>Gets the base systems of cells: list, build, prune.</summary>
    public ImagesClient Images { get; }

    /// <summary>Gets the webhooks: add, list, remove, what became of their messages.</summary>
    public WebhooksClient Webhooks { get; }

    /// <summary>Gets the service: who calls, its host.</summary>
    public ServiceClient Service { get; }

    /// <summary>Makes a client without a service container.</summary>
    /// <param name="options">Where the service is, the key, the limits.</param>
    /// <exception cref="ArgumentException">An option cannot be.</exception>
    public static OnCellClient Create(OnCellClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var http = new HttpClient(new RetryHandler(options, TimeProvider.System)
        {
            InnerHandler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) },
        });
        options.ApplyTo(http);
        return new OnCellClient(http);
    }
}
