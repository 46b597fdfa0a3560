namespace OnCell.Benchmarks.Sandbox;

/// <summary>The file-access settings of gVisor on the same programs, by runsc itself: why cells use <c>exclusive</c>.</summary>
internal static class FileAccessBenchmark
{
    private static readonly (string Name, string[] Flags)[] Settings =
    [
        ("exclusive", ["--file-access-mounts=exclusive"]),
        ("shared", ["--file-access-mounts=shared"]),
        ("no_directfs", ["--file-access-mounts=exclusive", "--directfs=false"]),
    ];

    public static async Task RunAsync(BenchmarkReport report, string runFolder, string rootFileSystem, string dataFolder)
    {
        foreach (var (name, flags) in Settings)
        {
            var work = Directory.CreateDirectory($"{dataFolder}/access-{name}").FullName;
            await using var runsc = new BareRunsc($"{runFolder}-{name}", rootFileSystem, work, flags);
            var (id, _) = await runsc.RunAsync();
            foreach (var (program, text) in FilesBenchmark.SmallFilePrograms)
                report.Add($"{program}_{name}_ms", await runsc.PythonAsync(id, FilesBenchmark.Timed(BareRunsc.Work, text)), "ms");
            await runsc.RemoveAsync(id);
        }
    }
}
