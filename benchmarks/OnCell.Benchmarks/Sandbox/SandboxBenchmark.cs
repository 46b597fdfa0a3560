using OnCell.Sandboxes.Images;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>Cells by this library beside bare runsc and the host, in one run: the ratios hold where the milliseconds do not.</summary>
internal static class SandboxBenchmark
{
    public static async Task RunAsync(BenchmarkReport report, BenchmarkOptions options)
    {
        var quick = options.Has("--quick");
        var image = await new ImageStore(new ImageStoreOptions()).GetAsync(new ImageSpec { Packages = ["git", "python3"] });
        var root = $"/run/oncell-bench-{Environment.ProcessId}";
        await using var lab = new BenchmarkLab(options.WorkFolder, image.RootFileSystem, root, warmPoolSize: 0);
        await using var pooled = new BenchmarkLab(options.WorkFolder + "/pooled", image.RootFileSystem, root + "-pool", warmPoolSize: 1);
        await using var bare = new BareRunsc(root + "-bare", image.RootFileSystem);
        await LifecycleBenchmark.RunAsync(report, lab, pooled, bare, rounds: quick ? 4 : 12);
        await ExecBenchmark.RunAsync(report, lab, bare, rounds: quick ? 50 : 300);
        if (options.Has("--cells-only"))
            return;
        await FilesBenchmark.RunAsync(report, lab);
        await DockerBenchmark.RunAsync(report, options.WorkFolder + "/docker", image.RootFileSystem, root + "-docker", rounds: quick ? 3 : 10);
        await FileAccessBenchmark.RunAsync(report, root + "-access", image.RootFileSystem, options.WorkFolder);
        await CheckpointBenchmark.RunAsync(report, lab, rounds: quick ? 3 : 8);
        await NeighbourBenchmark.RunAsync(report, lab, rounds: quick ? 100 : 300);
        await using var crowd = new BenchmarkLab(options.WorkFolder + "/crowd", image.RootFileSystem, root + "-crowd", warmPoolSize: 0);
        await CrowdBenchmark.RunAsync(report, crowd, count: quick ? 20 : 100);
    }
}
