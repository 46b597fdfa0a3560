using Microsoft.Extensions.DependencyInjection;
using OnCell.Cells;
using OnCell.Sandbox.Tests.Docker;
using OnCell.Sandbox.Tests.Images;
using OnCell.Sandboxes.Images;

namespace OnCell.Core.Tests.Lifecycle;

/// <summary>Base systems that nobody uses go in time; those of cells and local models stay, however long these sleep.</summary>
public sealed class ImageUpkeepTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_images_that_nobody_uses_go_at_start_and_daily()
    {
        using var folder = new OnCell.Sandbox.Tests.TemporaryFolder();
        var large = await new ImageStore(new ImageStoreOptions()).GetAsync(new ImageSpec { Packages = ["git", "python3"] }, cancellationToken: Ct);
        await File.WriteAllBytesAsync(folder["tiny.tar"], new SavedImage(ShellSystem.Tar(large.RootFileSystem)).Docker(), Ct);
        var images = Directory.CreateDirectory(folder["images"]).FullName;
        await using var host = await TestHost.StartAsync<ImageAgent>(
            o => (o.ImageFolder, o.KeepImages) = (images, TimeSpan.FromHours(1)),
            builder => builder.AddLocalModel("local", _ => throw new NotSupportedException("never asked"))
                .Services.AddSingleton(new BaseSystem(folder["tiny.tar"])).AddSingleton<TimeProvider>(new ShortDays()));
        await host.CreateAsync("acme");
        var own = Assert.Single(Directory.GetDirectories(images), path => !Path.GetFileName(path).StartsWith('.'));
        await host.Cells.PauseAsync("acme", PauseTier.Stopped, Ct);
        await host.StopAsync();

        File.Delete(folder["tiny.tar"]); // it could not be made anew
        Age(own);
        Plant("first");
        Plant("young", old: false);
        Plant("modelled");
        new ImagesInUse(Path.Combine(host.DataRoot, "models")).Note("local", "modelled");
        await host.StartAsync();
        await GoneAsync("first");
        Age(own);
        Plant("second"); // after the look at the start
        await GoneAsync("second");

        Assert.True(Directory.Exists(images + "/young"));
        Assert.True(Directory.Exists(images + "/modelled"));
        Assert.True(File.Exists(own + "/image.json"));
        await TestHost.WaitForAsync(() => Task.FromResult(File.GetLastWriteTimeUtc(own + "/image.json") > DateTime.UtcNow.AddHours(-1))); // other services see its use

        void Plant(string name, bool old = true)
        {
            Directory.CreateDirectory($"{images}/.{name}/rootfs");
            File.WriteAllText($"{images}/.{name}/image.json", """{"Suite":"test","Packages":["x"]}""");
            if (old) Age($"{images}/.{name}");
            Directory.Move($"{images}/.{name}", $"{images}/{name}");
        }

        Task GoneAsync(string name) => TestHost.WaitForAsync(() => Task.FromResult(!Directory.Exists($"{images}/{name}")));

        static void Age(string image) => File.SetLastWriteTimeUtc(image + "/image.json", DateTime.UtcNow.AddDays(-2));
    }

    /// <summary>What is due daily is due five times a second; all else keeps its time.</summary>
    private sealed class ShortDays : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var due = TimeSpan.FromMilliseconds(200);
            return period == TimeSpan.FromDays(1) ? base.CreateTimer(callback, state, due, due) : base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
