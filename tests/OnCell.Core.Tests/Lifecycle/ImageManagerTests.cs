using Microsoft.Extensions.DependencyInjection;
using OnCell.Cells;
using OnCell.Sandbox.Tests.Docker;
using OnCell.Sandbox.Tests.Images;
using OnCell.Sandboxes.Images;

namespace OnCell.Core.Tests.Lifecycle;

/// <summary>What images there are, who uses them, and that only what nobody uses goes.</summary>
public sealed class ImageManagerTests : IAsyncLifetime
{
    private const int PlantedBytes = 1 << 20;

    private readonly OnCell.Sandbox.Tests.TemporaryFolder _folder = new();
    private TestHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IImages Images => _host.Services.GetRequiredService<IImages>();

    private string Archive => _folder["tiny.tar"];

    public async ValueTask InitializeAsync()
    {
        var large = await new ImageStore(new ImageStoreOptions()).GetAsync(new ImageSpec { Packages = ["git", "python3"] }, cancellationToken: Ct);
        await File.WriteAllBytesAsync(Archive, new SavedImage(ShellSystem.Tar(large.RootFileSystem)).Docker(), Ct);
        _host = await TestHost.StartAsync<ImageAgent>(
            o => o.ImageFolder = _folder["images"],
            builder =>
            {
                builder.AddAgent<UnbuildableAgent>().AddLocalModel("local", _ => throw new NotSupportedException("never asked"));
                builder.Services.AddSingleton(new BaseSystem(Archive));
            });
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_image_is_built_ahead_listed_with_its_users_and_stays_while_one_has_it()
    {
        var lines = new List<CellProgress>();
        var built = Assert.Single(await Images.BuildAsync(nameof(ImageAgent), null, new Lines(lines), Ct));
        Assert.Contains(lines, l => l.Phase == "agent" && l.Message.Contains(Archive, StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Phase == "image" && l.Message.Contains("unpacking", StringComparison.Ordinal));
        Assert.Equal((Archive, "imported"), (built.Origin, built.Suite));
        Assert.Equal([new ImageUser(nameof(ImageAgent), null)], built.Agents);
        Assert.Empty(built.Cells);
        Assert.InRange(built.Bytes, 1, new FileInfo(Archive).Length * 2);
        Assert.Equal(built.Bytes, Assert.Single(await Images.ListAsync(Ct)).Bytes); // counted once, kept beside it
        await StaysAsync(built.Digest); // by its agent

        await _host.Cells.CreateAsync(new CustomerRequest { Id = "acme", Agent = nameof(ImageAgent) }, null, Ct);
        Assert.Equal(["acme"], Assert.Single(await Images.ListAsync(Ct)).Cells);
        await _host.Cells.PauseAsync("acme", PauseTier.Stopped, Ct);
        File.Delete(Archive); // what its agent says leads nowhere now
        Assert.Empty(Assert.Single(await Images.ListAsync(Ct)).Agents);
        await StaysAsync(built.Digest); // by its cell, though that sleeps

        await _host.Cells.DeleteAsync("acme", Ct);
        Age(built.Digest);
        Assert.Equal([built.Digest], (await Images.PruneAsync(TimeSpan.Zero, dryRun: false, Ct)).Images.Select(i => i.Digest));
        Assert.Empty(await Images.ListAsync(Ct));
    }

    [Fact]
    public async Task Pruning_removes_what_nobody_uses_and_says_how_much_came_free()
    {
        Plant("old");
        Plant("older", days: 20);
        Plant("asked", days: 0); // a cell may be about to start with it
        Plant("modelled");
        new ImagesInUse(Path.Combine(_host.DataRoot, "models")).Note("local", "modelled");
        Plant("forgotten");
        new ImagesInUse(Path.Combine(_host.DataRoot, "models")).Note("gone", "forgotten"); // no model of this service

        Assert.Equal(["older"], Names(await Images.PruneAsync(TimeSpan.FromDays(10), dryRun: true, Ct)));
        var planned = await Images.PruneAsync(TimeSpan.Zero, dryRun: true, Ct);
        Assert.Equal(["forgotten", "old", "older"], Names(planned));
        Assert.True(planned.DryRun);
        Assert.InRange(planned.Bytes, 3 * PlantedBytes, 4 * PlantedBytes);
        Assert.Equal(5, (await Images.ListAsync(Ct)).Count);

        var pruned = await Images.PruneAsync(TimeSpan.Zero, dryRun: false, Ct);
        Assert.Equal((false, planned.Bytes), (pruned.DryRun, pruned.Bytes));
        Assert.Equal(Names(planned), Names(pruned));
        var left = await Images.ListAsync(Ct);
        Assert.Equal(["asked", "modelled"], left.Select(i => i.Digest).Order());
        Assert.Equal(["local"], left.Single(i => i.Digest == "modelled").Models);
        Assert.False(Directory.Exists(Path.Combine(_folder["images"], "old")));
        Assert.Equal("unusedForDays", (await Assert.ThrowsAsync<OnCellException>(() => Images.PruneAsync(TimeSpan.FromDays(-1), true, Ct))).Field);
    }

    [Fact]
    public async Task One_agent_whose_image_cannot_be_built_does_not_keep_the_others_from_theirs()
    {
        var error = await Assert.ThrowsAsync<OnCellException>(() => Images.BuildAsync(null, null, null, Ct));
        Assert.Contains($"{nameof(UnbuildableAgent)} cannot be built", error.Message);
        Assert.Contains("\"?\" is not a package name", error.Message);
        Assert.Equal(nameof(ImageAgent), Assert.Single(Assert.Single(await Images.ListAsync(Ct)).Agents).Agent);
        Assert.Equal(OnCellError.NotFound, (await Assert.ThrowsAsync<OnCellException>(() => Images.BuildAsync("Nobody", null, null, Ct))).Error);
        Assert.Equal("environment", (await Assert.ThrowsAsync<OnCellException>(() => Images.BuildAsync(null, "staging", null, Ct))).Field);
    }

    private static IEnumerable<string> Names(ImagePruning pruning) => pruning.Images.Select(i => i.Digest).Order();

    private async Task StaysAsync(string digest)
    {
        Age(digest);
        Assert.Empty((await Images.PruneAsync(TimeSpan.Zero, dryRun: false, Ct)).Images);
        Assert.Single(await Images.ListAsync(Ct));
    }

    private void Plant(string name, int days = 2)
    {
        var rootfs = Directory.CreateDirectory(Path.Combine(_folder["images"], name, "rootfs")).FullName;
        File.WriteAllBytes(Path.Combine(rootfs, "file"), new byte[PlantedBytes]);
        File.CreateSymbolicLink(Path.Combine(rootfs, "link"), "/"); // is not followed
        File.WriteAllText(Path.Combine(_folder["images"], name, "image.json"), """{"Suite":"test","Packages":["x"]}""");
        if (days > 0) Age(name, days);
    }

    private void Age(string name, int days = 2) =>
        File.SetLastWriteTimeUtc(Path.Combine(_folder["images"], name, "image.json"), DateTime.UtcNow.AddDays(-days));

    private sealed class Lines(List<CellProgress> lines) : IProgress<CellProgress>
    {
        public void Report(CellProgress value) => lines.Add(value);
    }
}

/// <summary>An agent that asks for what no distribution can have.</summary>
public sealed class UnbuildableAgent : LifecycleAgent
{
    public override CellSpec Cell => base.Cell with { Packages = ["?"] };
}
