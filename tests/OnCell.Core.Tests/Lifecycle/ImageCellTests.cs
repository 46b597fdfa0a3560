using System.Text.Json.Nodes;
using Docker.DotNet;
using Docker.DotNet.Models;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Cells;
using OnCell.Journaling;
using OnCell.Sandbox.Tests.Docker;
using OnCell.Sandbox.Tests.Images;
using OnCell.Sandboxes.Images;

namespace OnCell.Core.Tests.Lifecycle;

/// <summary>The life of a cell whose agent names an image, by both runtimes: made, used, paused, woken, taken over, deleted.</summary>
public sealed class ImageCellTests
{
    private const string Name = "tiny:1";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_a_Docker_engine_a_cell_of_its_image_lives_and_leaves_nothing()
    {
        await using var engine = await TestEngine.StartAsync(cancellationToken: Ct);
        using var client = new DockerClientBuilder().WithEndpoint(engine.Endpoint).Build();
        using var layer = new MemoryStream(await LayerAsync());
        await client.Images.CreateImageAsync(
            new ImagesCreateParameters { FromSrc = "-", Repo = Name.Split(':')[0], Tag = Name.Split(':')[1] }, layer, null, new Progress<JSONMessage>(), Ct);
        await using var host = await StartAsync(Name, o => (o.Runtime, o.DockerEndpoint) = (SandboxRuntimeKind.Docker, engine.Endpoint));
        var runtime = host.Services.GetRequiredService<CellPaths>().Runtime + "-docker";

        await LiveAsync(host, async () => (await ContainersAsync()).SingleOrDefault()?.ID);

        Assert.Empty(await ContainersAsync());
        var image = Assert.Single(await host.Services.GetRequiredService<IImages>().ListAsync(Ct));
        Assert.Equal((Name, nameof(ImageAgent)), (image.Origin, Assert.Single(image.Agents).Agent));
        Assert.Empty(Directory.GetFileSystemEntries(runtime));
        Directory.Delete(runtime);

        async Task<IList<ContainerListResponse>> ContainersAsync() =>
            await client.Containers.ListContainersAsync(new ContainersListParameters { All = true }, Ct);
    }

    [Fact]
    public async Task A_cell_of_a_saved_image_lives_and_leaves_nothing()
    {
        using var folder = new OnCell.Sandbox.Tests.TemporaryFolder();
        await File.WriteAllBytesAsync(folder["tiny.tar"], new SavedImage(await LayerAsync()).Docker(), Ct);
        await using var host = await StartAsync(folder["tiny.tar"]);

        await LiveAsync(host, () => Task.FromResult(host.SandboxProcesses("acme") is { Count: > 0 } processes ? string.Join(' ', processes) : null));

        Assert.Empty(host.SandboxProcesses("acme"));
    }

    /// <param name="host">The service.</param>
    /// <param name="sandbox">Tells the cell's sandbox from any other; <see langword="null"/> where none runs.</param>
    private static async Task LiveAsync(TestHost host, Func<Task<string?>> sandbox)
    {
        Assert.Equal(CellState.Active, (await host.CreateAsync("acme")).State);
        var run = await host.Cells.StartRunAsync("acme", "live", [], null, Ct);
        await TestHost.WaitForAsync(() => Task.FromResult(File.Exists(Marks(host)) && File.ReadAllLines(Marks(host)).Contains("two")));
        var first = await sandbox();
        Assert.NotNull(first);

        await host.StopAsync();
        await host.StartAsync();
        await host.WriteAsync("acme", "go");
        Assert.Equal("one\ntwo\n", await ResultAsync(host, run.Id));
        Assert.Equal([false, true, false], (await host.Cells.ListStepsAsync("acme", run.Id, Ct)).Select(s => s.Reattached));

        await host.Cells.PauseAsync("acme", PauseTier.Frozen, Ct);
        Assert.Equal(first, await sandbox());
        Assert.Equal("one\ntwo\n", await ReadAsync(host));
        await host.Cells.PauseAsync("acme", PauseTier.Stopped, Ct);
        Assert.Null(await sandbox());
        Assert.Equal("one\ntwo\n", await ReadAsync(host));
        var second = await sandbox();

        await host.Cells.PauseAsync("acme", PauseTier.Frozen, Ct);
        await host.StopAsync();
        await host.StartAsync(); // takes over a frozen cell, used at once or not
        Assert.Equal("one\ntwo\n", await ReadAsync(host));
        Assert.Equal(second, await sandbox());

        await host.Cells.PauseAsync("acme", PauseTier.Frozen, Ct);
        await host.Cells.DeleteAsync("acme", Ct);
        Assert.Empty(await host.Cells.ListAsync(Ct));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(host.DataRoot, "cells")));
        Assert.DoesNotContain(host.DataRoot, await File.ReadAllTextAsync("/proc/mounts", Ct));
        Assert.DoesNotContain(
            Directory.GetDirectories("/sys/block", "loop*"),
            device => TryRead(device + "/loop/backing_file").StartsWith(host.DataRoot, StringComparison.Ordinal));
    }

    private static async Task<byte[]> LayerAsync()
    {
        var image = await new ImageStore(new ImageStoreOptions()).GetAsync(new ImageSpec { Packages = ["git", "python3"] }, cancellationToken: Ct);
        return ShellSystem.Tar(image.RootFileSystem);
    }

    private static Task<TestHost> StartAsync(string image, Action<OnCellOptions>? configure = null) => TestHost.StartAsync<ImageAgent>(
        o =>
        {
            o.ImageFolder = Path.Combine(o.DataRoot, "images");
            configure?.Invoke(o);
        },
        builder => builder.Services.AddSingleton(new BaseSystem(image)));

    private static string Marks(TestHost host) => Path.Combine(host.DataRoot, "cells", "acme", "volume", "work", "marks");

    private static async Task<string> ReadAsync(TestHost host) =>
        await ResultAsync(host, (await host.Cells.StartRunAsync("acme", "read", [], null, Ct)).Id);

    private static async Task<string> ResultAsync(TestHost host, string runId)
    {
        var run = await host.Cells.WaitRunAsync("acme", runId, Ct);
        Assert.True(run.State == RunState.Completed, $"{run.State}: {run.Error}");
        return JsonNode.Parse(run.ResultJson!)!.GetValue<string>();
    }

    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // not attached
        }
    }
}
