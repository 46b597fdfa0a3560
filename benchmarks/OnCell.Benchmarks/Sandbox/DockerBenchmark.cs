using OnCell.Sandbox.Tests.Docker;
using OnCell.Sandboxes;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>Cells of the Docker runtime beside <c>docker run</c> and <c>docker exec</c>, on an engine of this run's own.</summary>
internal static class DockerBenchmark
{
    private const int WarmUps = 10;
    private const int ExecsPerCell = 30;

    public static async Task RunAsync(BenchmarkReport report, string dataRoot, string rootFileSystem, string runtimeRoot, int rounds)
    {
        await using var engine = await TestEngine.StartAsync();
        var peer = new DockerPeer(engine, rootFileSystem);
        await peer.ImportAsync();
        await using var runtime = new DockerRuntime(new DockerOptions { Endpoint = engine.Endpoint, RuntimeRoot = runtimeRoot });
        var (create, stop, exec, run, dockerExec) = (new Samples(), new Samples(), new Samples(), new Samples(), new Samples());
        var command = ExecSpec.Command("/bin/true");
        for (var round = 0; round < rounds; round++)
        {
            OnCell.Sandboxes.Sandbox? cell = null;
            await create.TimeAsync(async () => cell = await runtime.StartAsync(Spec($"docker-{round}"), CancellationToken.None));
            for (var i = 0; i < WarmUps; i++)
                await cell!.RunAsync(command);
            for (var i = 0; i < ExecsPerCell; i++)
                await exec.TimeAsync(() => cell!.RunAsync(command));
            await stop.TimeAsync(() => cell!.StopAsync(CancellationToken.None));

            await run.TimeAsync(() => peer.RunAsync("peer"));
            await peer.ExecAsync("peer"); // warmed up as well
            for (var i = 0; i < 3; i++)
                await dockerExec.TimeAsync(() => peer.ExecAsync("peer"));
            await peer.RemoveAsync("peer");
        }

        report.Add("create_docker_ms", create.Median, "ms", create.Note + ", by the Docker runtime, a new volume included");
        report.Add("stop_docker_ms", stop.Median, "ms", "by the Docker runtime");
        report.Add("docker_run_ms", run.Median, "ms", "'docker run -d' with runsc, no volume, no guest");
        report.AddRatio("create_docker_over_docker_run", create.Median, run.Median, "ms", "docker run");
        report.Add("exec_docker_p50_ms", exec.Median, "ms", exec.Note + " of /bin/true in a cell of the Docker runtime");
        report.Add("docker_exec_ms", dockerExec.Median, "ms", dockerExec.Note);
        report.AddRatio("exec_over_docker_exec", exec.Median, dockerExec.Median, "ms", "docker exec");
        if (Directory.Exists(runtimeRoot))
            Directory.Delete(runtimeRoot, recursive: true);

        SandboxSpec Spec(string id) => new()
        {
            Id = new SandboxId(id),
            Folder = $"{dataRoot}/{id}",
            RootFileSystem = rootFileSystem,
            Resources = new SandboxResources { Cpus = 2, MemoryBytes = 2L << 30, StorageBytes = 4L << 30 },
        };
    }
}
