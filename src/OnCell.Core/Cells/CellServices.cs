using Microsoft.Extensions.Logging;
using OnCell.Access;
using OnCell.Agents;
using OnCell.Deployments;
using OnCell.Journaling;
using OnCell.Models;
using OnCell.Quotas;
using OnCell.Registry;
using OnCell.Runs;
using OnCell.Sandboxes;
using OnCell.Secrets;
using OnCell.Usage;
using OnCell.Webhooks;

namespace OnCell.Cells;

/// <summary>What all cells of this process share.</summary>
internal sealed record CellServices(
    OnCellOptions Options,
    CellPaths Paths,
    AgentDirectory Agents,
    DeploymentTable Deployments,
    RevisionLoader Revisions,
    RegistryDatabase Database,
    CustomerRegistry Registry,
    ApiKeyTable ApiKeys,
    SecretStore Secrets,
    UsageTable Usage,
    QuotaWatch Quotas,
    WebhookTable Webhooks,
    WebhookSender WebhookSender,
    ISandboxRuntime Runtime,
    ICellSandboxes Sandboxes,
    ModelRouter Models,
    IServiceProvider Provider,
    ILoggerFactory Loggers,
    TimeProvider Time)
{
    /// <summary>Gets the places in which runs execute.</summary>
    public RunSlots RunSlots { get; } = new(Options.MaxConcurrentRuns);

    /// <summary>Gets what turns events into messages to webhooks.</summary>
    public WebhookNews WebhookNews { get; } = new(Webhooks, WebhookSender, Loggers.CreateLogger("OnCell.Webhooks"));

    /// <summary>Gets how journals are opened; <see langword="null"/> for the defaults.</summary>
    public JournalOptions? Journal { get; init; }
}
