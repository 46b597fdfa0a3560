using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OnCell.Hosting;

/// <summary>Healthy while this process owns the data root; degraded while it stands by or recovers.</summary>
internal sealed class CellHostHealthCheck(CellHost host) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (ready, state) = host.Status;
        return Task.FromResult(ready ? HealthCheckResult.Healthy(state) : HealthCheckResult.Degraded(state));
    }
}
