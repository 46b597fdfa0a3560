using Docker.DotNet;
using Docker.DotNet.Models;
using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Docker;

/// <summary>A lab of the runtime that asks a Docker engine, which is this test's own or shared by a class.</summary>
internal sealed class DockerLab : CellLab
{
    private readonly TestEngine? _owned;

    private DockerLab(string rootFileSystem, TestEngine engine, bool owned)
        : base(rootFileSystem)
    {
        Engine = engine;
        _owned = owned ? engine : null;
        Runtime = NewRuntime();
    }

    internal TestEngine Engine { get; }

    internal override DockerRuntime Runtime { get; }

    internal string Label => OnCell.Sandboxes.Runtime.RuntimeFolder.Fingerprint(RuntimeRoot);

    internal static async Task<DockerLab> OpenAsync(bool liveRestore = true) =>
        new(await ImageAsync(), await TestEngine.StartAsync(liveRestore, Cancellation), owned: true);

    internal static async Task<DockerLab> OpenAsync(TestEngine engine) => new(await ImageAsync(), engine, owned: false);

    internal DockerRuntime NewRuntime(Action<DockerOptions>? configure = null, Microsoft.Extensions.Logging.ILogger<DockerRuntime>? logger = null)
    {
        var options = new DockerOptions { Endpoint = Engine.Endpoint, RuntimeRoot = RuntimeRoot };
        configure?.Invoke(options);
        return new DockerRuntime(options, logger);
    }

    internal DockerClient NewClient() => new DockerClientBuilder().WithEndpoint(Engine.Endpoint).Build();

    internal override IReadOnlyList<string> Traces()
    {
        using var client = NewClient();
        var containers = client.Containers.ListContainersAsync(new ContainersListParameters { All = true }, CancellationToken.None).GetAwaiter().GetResult();
        return [.. base.Traces(), .. containers.Where(c => c.Names.Any(n => n.Contains(Label, StringComparison.Ordinal))).Select(c => $"container {c.Names[0]}")];
    }

    protected override ValueTask DisposeOwnAsync() => _owned?.DisposeAsync() ?? ValueTask.CompletedTask;
}
