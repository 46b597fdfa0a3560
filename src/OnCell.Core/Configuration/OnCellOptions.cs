using System.ComponentModel.DataAnnotations;

namespace OnCell;

/// <summary>The settings of OnCell, section <c>OnCell</c> of the configuration.</summary>
public sealed class OnCellOptions
{
    /// <summary>Gets or sets the folder that holds all cells. On the fastest local disk; one process works on it at a time.</summary>
    /// <value>The default is <c>/var/lib/oncell</c>.</value>
    [Required]
    public string DataRoot { get; set; } = "/var/lib/oncell";

    /// <summary>Gets or sets the folder with the base systems, shared by cells and data roots.</summary>
    /// <value>The default is <c>/var/cache/oncell/images</c>.</value>
    [Required]
    public string ImageFolder { get; set; } = "/var/cache/oncell/images";

    /// <summary>Gets or sets how long a base system is kept that no agent, cell or local model of this data root uses. What is gone is built anew when it is wanted.</summary>
    /// <value>The default is 30 days; 1 hour to 3,650 days. Looked at when the service starts and once a day.</value>
    /// <remarks>Services that share an <see cref="ImageFolder"/> see each other's use of it. Give them the same time, and not less than one of them may stand still.</remarks>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan KeepImages { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets the path of <c>runsc</c>.</summary>
    /// <value>The default is <c>runsc</c>, found in <c>PATH</c>.</value>
    [Required]
    public string RunscPath { get; set; } = "runsc";

    /// <summary>Gets or sets what makes the sandboxes. Stop all cells before it is changed.</summary>
    /// <value>The default is <see cref="SandboxRuntimeKind.Runsc"/>.</value>
    public SandboxRuntimeKind Runtime { get; set; }

    /// <summary>Gets or sets the address of the Docker engine, where <see cref="Runtime"/> is Docker.</summary>
    /// <value>The default is <c>unix:///var/run/docker.sock</c>.</value>
    [Required]
    public Uri DockerEndpoint { get; set; } = new("unix:///var/run/docker.sock");

    /// <summary>Gets or sets the name by which the Docker engine knows gVisor.</summary>
    /// <value>The default is <c>runsc</c>.</value>
    [Required]
    public string DockerRuntimeName { get; set; } = "runsc";

    /// <summary>Gets or sets whether <see cref="DockerRuntimeName"/> may be something else than gVisor. For development: in Production it does not hold.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AllowUnsafeRuntime { get; set; }

    /// <summary>Gets or sets whether cells may run without a cap on their disk, as they must where a service that is not root uses Docker.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AllowUncappedDisk { get; set; }

    /// <summary>Gets or sets names that the egress proxy resolves by this table instead of DNS, as <c>/etc/hosts</c> would.</summary>
    /// <remarks>A private address still needs a CIDR rule in the cell's policy.</remarks>
    public IDictionary<string, string> Hosts { get; set; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets or sets the model providers.</summary>
    [Microsoft.Extensions.Options.ValidateEnumeratedItems]
    public IList<ModelProviderOptions> Models { get; set; } = [];

    /// <summary>Gets or sets the provider or model asked where an agent names none.</summary>
    /// <value>The default is <see langword="null"/>: the first registered.</value>
    public string? DefaultModel { get; set; }

    /// <summary>Gets or sets whether the other providers are asked in order when one fails.</summary>
    /// <value>The default is <see langword="false"/>: a customer's code goes to the provider that was chosen, or nowhere.</value>
    public bool ModelFailover { get; set; }

    /// <summary>Gets or sets how many runs execute at once in this process.</summary>
    /// <value>The default is 64; 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int MaxConcurrentRuns { get; set; } = 64;

    /// <summary>Gets or sets how many runs of one customer may wait.</summary>
    /// <value>The default is 100; 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int MaxQueuedRuns { get; set; } = 100;

    /// <summary>Gets or sets how many sandboxes of each size of cell are booted ahead, so that a stopped cell wakes sooner.</summary>
    /// <value>The default is 0: none; up to 64. Each takes some tens of MB of memory.</value>
    [Range(0, 64)]
    public int WarmPoolSize { get; set; }

    /// <summary>Gets or sets the memory of the host below which frozen cells are stopped, or checkpointed, before their time.</summary>
    /// <value>The default is 512 MB of available memory; 0 to 1,048,576.</value>
    [Range(0, 1_048_576)]
    public int FreeMemoryMegabytes { get; set; } = 512;

    /// <summary>Gets or sets how many snapshots of a cell are kept; with a new one beyond, the oldest is removed.</summary>
    /// <value>The default is 5; 1 to 1,000.</value>
    [Range(1, 1000)]
    public int KeepSnapshots { get; set; } = 5;

    /// <summary>Gets or sets how many customers there may be.</summary>
    /// <value>The default is 10,000.</value>
    [Range(1, 1_000_000)]
    public int MaxCustomers { get; set; } = 10_000;

    /// <summary>Gets or sets how much each customer may use.</summary>
    /// <value>The default limits nothing.</value>
    [Microsoft.Extensions.Options.ValidateObjectMembers]
    public QuotaOptions Quotas { get; set; } = new();

    /// <summary>Gets or sets how webhooks are delivered.</summary>
    [Microsoft.Extensions.Options.ValidateObjectMembers]
    public WebhookOptions Webhooks { get; set; } = new();

    /// <summary>Gets or sets whether agents may be deployed to the running service.</summary>
    /// <value>The default is no.</value>
    [Microsoft.Extensions.Options.ValidateObjectMembers]
    public DeploymentOptions Deployments { get; set; } = new();
}

/// <summary>The protocol of a model provider.</summary>
public enum ModelKind
{
    /// <summary>OpenAI, or anything that speaks its chat completions.</summary>
    OpenAI,

    /// <summary>Anthropic.</summary>
    Anthropic,
}

/// <summary>A model provider, from configuration.</summary>
public sealed class ModelProviderOptions
{
    /// <summary>Gets or sets the name agents may call it by.</summary>
    [Required]
    public string Name { get; set; } = "";

    /// <summary>Gets or sets the protocol.</summary>
    /// <value>The default is <see cref="ModelKind.OpenAI"/>.</value>
    public ModelKind Kind { get; set; }

    /// <summary>Gets or sets the model asked.</summary>
    [Required]
    public string Model { get; set; } = "";

    /// <summary>Gets or sets the base address.</summary>
    /// <value>The default is <see langword="null"/>: the provider's public one.</value>
    public Uri? Endpoint { get; set; }

    /// <summary>Gets or sets the key.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets the header that carries the key of a call's step, so that a call made again is not paid for again.</summary>
    /// <value>The default is <c>Idempotency-Key</c>. Empty for a provider that refuses headers it does not know.</value>
    public string IdempotencyHeader { get; set; } = "Idempotency-Key";

    /// <summary>Gets or sets how long one call may wait in all when the provider limits the rate (429, 503, 529).</summary>
    /// <value>The default is 2 minutes. Where the provider asks for more, the call fails, or goes to the next provider.</value>
    public TimeSpan MaxRateLimitWait { get; set; } = TimeSpan.FromMinutes(2);
}
