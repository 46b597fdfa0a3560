using Microsoft.Extensions.DependencyInjection;

namespace OnCell;

/// <summary>Adds agents and models to OnCell.</summary>
public interface IOnCellBuilder
{
    /// <summary>Gets the services.</summary>
    IServiceCollection Services { get; }
}

internal sealed class OnCellBuilder(IServiceCollection services) : IOnCellBuilder
{
    public IServiceCollection Services { get; } = services;
}
