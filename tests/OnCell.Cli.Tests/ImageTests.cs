namespace OnCell.Cli.Tests;

/// <summary>The base systems of cells from the command line.</summary>
public sealed class ImageTests(Service service)
{
    [Fact]
    public async Task The_image_of_an_agent_is_built_once_and_listed_with_its_users()
    {
        using var oncell = new Oncell(service);
        var built = await oncell.RunAsync("images", "build", "TestAgent");
        Assert.True(built.Code == 0, built.Errors);
        Assert.Contains("agent: TestAgent: git, python3", built.Errors);
        Assert.Contains("python3", built.Output);
        var image = (await oncell.JsonAsync("images", "list")).AsArray().Single(i => i!["agents"]!.AsArray().Count > 0)!;
        Assert.Contains("acme", image["cells"]!.AsArray().Select(c => (string)c!));
        Assert.True((long)image["bytes"]! > 10_000_000);
        var list = await oncell.RunAsync("images", "list");
        Assert.Contains("agent TestAgent", list.Output);
        Assert.Contains(" MB", list.Output);
        Assert.Contains("used", list.Errors);
        Assert.Equal(5, (await oncell.RunAsync("images", "build", "Nobody")).Code);
        Assert.Equal(2, (await oncell.RunAsync("images", "build", "--env", "staging")).Code);
    }

    [Fact]
    public async Task What_nobody_uses_is_shown_and_then_removed()
    {
        var images = Directory.CreateTempSubdirectory("oncell-images-").FullName;
        await using var own = new Service { Configure = o => o.ImageFolder = images }; // what other services of this host have is theirs
        await own.StartAsync();
        using var oncell = new Oncell(own);
        Assert.Contains("no images yet", (await oncell.RunAsync("images", "list")).Errors);
        Assert.Contains("nothing to remove", (await oncell.RunAsync("images", "prune")).Errors);
        var rootfs = Directory.CreateDirectory(Path.Combine(images, "0123456789abcdef", "rootfs")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(rootfs, "file"), new byte[3_000_000], TestContext.Current.CancellationToken);
        var note = Path.Combine(images, "0123456789abcdef", "image.json");
        await File.WriteAllTextAsync(note, """{"Suite":"test","Packages":["git","nodejs"]}""", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(note, DateTime.UtcNow.AddDays(-2));

        var dry = await oncell.RunAsync("images", "prune", "--dry-run");
        Assert.Contains("0123456789ab", dry.Output);
        Assert.Contains("nobody", dry.Output);
        Assert.Contains("would remove 1 image, 3.0 MB", dry.Errors);
        Assert.Empty((await oncell.JsonAsync("images", "prune", "--unused-for", "2.5"))["images"]!.AsArray());
        Assert.Contains("removed 1 image, 3.0 MB", (await oncell.RunAsync("images", "prune")).Errors);
        Assert.False(Directory.Exists(Path.Combine(images, "0123456789abcdef")));
        foreach (var wrong in (string[])["-1", "NaN", "1e300", "soon"])
        {
            var refused = await oncell.RunAsync("images", "prune", "--unused-for", wrong);
            Assert.Equal(2, refused.Code);
            Assert.Contains("--unused-for", refused.Errors);
            Assert.DoesNotContain("   at ", refused.Errors);
        }

        Directory.Delete(images, recursive: true);
    }
}
