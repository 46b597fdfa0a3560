using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OnCell;
using OnCell.Agents;
using OnCell.Models;
using OnCell.Models.Local;

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

    /// <summary>Adds a model that runs on this host, in a sandbox without a network: air-gapped cells may ask it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name agents may call it by: 1 to 40 of a-z, 0-9 and '-', starting with a letter.</param>
    /// <param name="configure">Says which weights, and how much of the host they may take.</param>
    /// <remarks>It is started when it is first asked. All cells share it; calls wait in turn.</remarks>
    public static IOnCellBuilder AddLocalModel(this IOnCellBuilder builder, string name, Action<LocalModelOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.TryAddSingleton<LocalModels>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, LocalModels>(sp => sp.GetRequiredService<LocalModels>()));
        return builder.AddLocalModel(name, services =>
        {
            var options = new LocalModelOptions();
            configure(options);
            return services.GetRequiredService<LocalModels>().Create(name, options, services);
        });
    }

    /// <summary>Adds a model that runs in this process, such as one of OnCell.LLamaSharp: air-gapped cells may ask it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name agents may call it by.</param>
    /// <param name="create">Makes its client, once. It must send nothing anywhere: OnCell takes the application's word for it.</param>
    public static IOnCellBuilder AddLocalModel(this IOnCellBuilder builder, string name, Func<IServiceProvider, IChatClient> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        builder.Services.AddSingleton(new ModelRegistration(name, create, [], Local: true));
        return builder;
    }
}
