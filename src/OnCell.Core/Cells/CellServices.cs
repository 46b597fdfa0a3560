using Microsoft.Extensions.Logging;
using OnCell.Access;
using OnCell.Models;
using OnCell.Registry;
using OnCell.Sandboxes;
using OnCell.Secrets;

namespace OnCell.Cells;

/// <summary>What all cells of this process share.</summary>
internal sealed record CellServices(
    OnCellOptions Options,
    CellPaths Paths,
    RegistryDatabase Database,
    CustomerRegistry Registry,
    ApiKeyTable ApiKeys,
    SecretStore Secrets,
    ISandboxRuntime Runtime,
    CellSandboxes Sandboxes,
    ModelRouter Models,
    IServiceProvider Provider,
    ILoggerFactory Loggers,
    TimeProvider Time)
{
    /// <summary>Gets the limit of runs that execute at once.</summary>
    public SemaphoreSlim RunSlots { get; } = new(Options.MaxConcurrentRuns);
}
