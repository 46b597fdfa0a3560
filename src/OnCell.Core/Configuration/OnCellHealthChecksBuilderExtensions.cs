using OnCell.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds OnCell to an application's health checks.</summary>
public static class OnCellHealthChecksBuilderExtensions
{
    /// <summary>Adds a check that is healthy while this process owns its data root, and degraded while it stands by or recovers.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    public static IHealthChecksBuilder AddOnCell(this IHealthChecksBuilder builder, string name = "oncell") =>
        builder.AddCheck<CellHostHealthCheck>(name);
}
