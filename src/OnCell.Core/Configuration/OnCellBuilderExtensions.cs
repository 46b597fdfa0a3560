using Microsoft.Extensions.AI;
using OnCell;
using OnCell.Agents;
using OnCell.Models;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What can be added to OnCell.</summary>
public static class OnCellBuilderExtensions
{
    /// <summary>Adds an agent. Its name is the class's.</summary>
    /// <typeparam name="TAgent">The agent's class.</typeparam>
    public static IOnCellBuilder AddAgent<TAgent>(this IOnCellBuilder builder)
        where TAgent : Agent
    {
        builder.Services.AddSingleton(new AgentDescriptor(typeof(TAgent)));
        return builder;
    }

    /// <summary>Adds a model provider. The first added is the default one.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name agents may call it by.</param>
    /// <param name="create">Makes its client, once.</param>
    /// <param name="models">The models it serves by exact name.</param>
    public static IOnCellBuilder AddModel(
        this IOnCellBuilder builder, string name, Func<IServiceProvider, IChatClient> create, params string[] models)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        builder.Services.AddSingleton(new ModelRegistration(name, create, models));
        return builder;
    }
}
