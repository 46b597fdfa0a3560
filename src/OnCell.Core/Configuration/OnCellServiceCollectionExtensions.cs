using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OnCell;
using OnCell.Agents;
using OnCell.Audit;
using OnCell.Cells;
using OnCell.Configuration;
using OnCell.Deployments;
using OnCell.Files;
using OnCell.Hosting;
using OnCell.Images;
using OnCell.Models;
using OnCell.Quotas;
using OnCell.Registry;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Images;
using OnCell.Secrets;
using OnCell.Tools;
using OnCell.Usage;
using OnCell.Webhooks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds OnCell to an application.</summary>
public static class OnCellServiceCollectionExtensions
{
    /// <summary>Adds OnCell with settings from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The section with <see cref="OnCellOptions"/>.</param>
    public static IOnCellBuilder AddOnCell(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptionsWithValidateOnStart<OnCellOptions>().Bind(configuration);
        return services.AddCore();
    }

    /// <summary>Adds OnCell with settings from code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; or <see langword="null"/> for the defaults.</param>
    public static IOnCellBuilder AddOnCell(this IServiceCollection services, Action<OnCellOptions>? configure = null)
    {
        services.AddOptionsWithValidateOnStart<OnCellOptions>().Configure(configure ?? (_ => { }));
        return services.AddCore();
    }

    private static OnCellBuilder AddCore(this IServiceCollection services)
    {
        services.TryAddSingleton<IValidateOptions<OnCellOptions>, OnCellOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AgentCatalog>();
        services.TryAddSingleton<ModelRouter>();
        services.TryAddSingleton(sp => new CellPaths(Options(sp).DataRoot));
        services.TryAddSingleton(sp => new SecretBox(sp.GetRequiredService<CellPaths>().Keys));
        services.TryAddSingleton(CreateImages);
        services.TryAddSingleton(CreateRuntime);
        services.TryAddSingleton<ICellSandboxes, CellSandboxes>();
        services.TryAddSingleton<CellHost>();
        services.TryAddSingleton<ICellManager, CellManager>();
        services.TryAddSingleton<IAgents, AgentCallers>();
        services.TryAddSingleton<ISecretManager, SecretManager>();
        services.TryAddSingleton<IAuditLog, AuditLog>();
        services.TryAddSingleton<IUsageLog, UsageLog>();
        services.TryAddSingleton<IQuotas, QuotaList>();
        services.TryAddSingleton<IDeployments, DeploymentManager>();
        services.TryAddSingleton<IImages, ImageManager>();
        services.TryAddSingleton<IWebhooks, WebhookManager>();
        services.TryAddSingleton<ICellInspector, CellInspector>();
        services.TryAddSingleton<ICellTools, CellToolRunner>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, CellHost>(sp => sp.GetRequiredService<CellHost>()));
        return new OnCellBuilder(services);
    }

    private static OnCellOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<OnCellOptions>>().Value;

    private static ImageStore CreateImages(IServiceProvider services) =>
        new(new ImageStoreOptions { Folder = Path.GetFullPath(Options(services).ImageFolder) });

    private static ISandboxRuntime CreateRuntime(IServiceProvider services) =>
        Options(services).Runtime == SandboxRuntimeKind.Docker ? CreateDockerRuntime(services) : CreateRunscRuntime(services);

    private static RunscRuntime CreateRunscRuntime(IServiceProvider services)
    {
        var options = Options(services);
        var runsc = new RunscOptions
        {
            RunscPath = options.RunscPath,
            RuntimeRoot = services.GetRequiredService<CellPaths>().Runtime,
            WarmPoolSize = options.WarmPoolSize,
            Egress = new EgressOptions { Hosts = HostTable.Read(options.Hosts) },
        };
        runsc.Volumes.KeepSnapshots = options.KeepSnapshots;
        return new RunscRuntime(runsc, services.GetRequiredService<ILogger<RunscRuntime>>());
    }

    private static DockerRuntime CreateDockerRuntime(IServiceProvider services)
    {
        var options = Options(services);
        var docker = new DockerOptions
        {
            Endpoint = options.DockerEndpoint,
            Runtime = options.DockerRuntimeName,
            AllowUnsafeRuntime = options.AllowUnsafeRuntime,
            AllowUncappedDisk = options.AllowUncappedDisk,
            RuntimeRoot = services.GetRequiredService<CellPaths>().Runtime + "-docker",
            Egress = new EgressOptions { Hosts = HostTable.Read(options.Hosts) },
        };
        if (services.GetService<IHostEnvironment>() is { } environment)
            docker.EnvironmentName = environment.EnvironmentName;
        return new DockerRuntime(docker, services.GetRequiredService<ILogger<DockerRuntime>>());
    }
}
