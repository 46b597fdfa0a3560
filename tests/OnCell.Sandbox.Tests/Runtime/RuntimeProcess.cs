using System.Diagnostics;
using OnCell.Sandbox.Tests.Docker;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Runtime;

/// <summary>A service of its own process, to be killed: this test program, started with a variable set.</summary>
internal static class RuntimeProcess
{
    private const string Variable = "ONCELL_TEST_RUNTIME_ROOT";

    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(50);

    internal static bool IsWanted => Environment.GetEnvironmentVariable(Variable) is not null;

    internal static Process Start(CellLab lab, int seed) => Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
    {
        RedirectStandardOutput = true,
        Environment =
        {
            [Variable] = lab.RuntimeRoot,
            [Variable + "_DATA"] = lab.DataRoot,
            [Variable + "_IMAGE"] = lab.RootFileSystem,
            [Variable + "_SEED"] = $"{seed}",
            [Variable + "_ENGINE"] = (lab as DockerLab)?.Engine.Endpoint.OriginalString,
        },
    })!;

    /// <summary>Goes through the life of a sandbox over and over, printing each file once it is acknowledged.</summary>
    internal static async Task<int> RunAsync()
    {
        var none = CancellationToken.None;
        var seed = int.Parse(Environment.GetEnvironmentVariable(Variable + "_SEED")!);
        var random = new Random(seed);
        var engine = Environment.GetEnvironmentVariable(Variable + "_ENGINE");
        await using var runtime = engine is null ? (ISandboxRuntime)NewRuntime(warmPoolSize: random.Next(2)) : NewRuntime(engine);
        var data = Environment.GetEnvironmentVariable(Variable + "_DATA")!;
        var spec = SandboxLab.Spec("cell", data, Environment.GetEnvironmentVariable(Variable + "_IMAGE")!) with { Checkpoints = engine is null && random.Next(2) == 0 };
        Console.WriteLine("begun");
        for (var round = 0; ; round++)
        {
            try
            {
                await LiveAsync(runtime, spec, random, $"{seed}", round);
            }
            catch (SandboxException) when (engine is not null)
            {
                await Task.Delay(RetryWait, none); // its engine was killed: a service tries again
                await Record.ExceptionAsync(() => runtime.DestroyAsync(new SandboxId("fork"), none));
            }
        }
    }

    private static async Task LiveAsync(ISandboxRuntime runtime, SandboxSpec spec, Random random, string seed, int round)
    {
        var none = CancellationToken.None;
        await using var sandbox = await runtime.AttachAsync(spec, none) ?? await runtime.StartAsync(spec, none);
        for (var i = 0; i < 3; i++)
        {
            var name = $"{seed}-{round}-{i}";
            await sandbox.Files.WriteAsync($"/work/{name}", "kept"u8.ToArray(), 0x1A4, none);
            Console.WriteLine(name);
            var key = $"{seed}/{round}/{i}";
            await sandbox.RunAsync(ExecSpec.Shell($"echo {key} >> /work/ran; sleep 0.0{random.Next(9)}") with { Key = key }, null, none);
            if (random.Next(3) == 0)
            {
                await sandbox.FreezeAsync(none);
                await sandbox.ThawAsync(none);
            }
        }

        await EndAsync(runtime, sandbox, spec, $"{Path.GetDirectoryName(spec.Folder)}/fork-{seed}-{round}", random.Next(6));
    }

    private static RunscRuntime NewRuntime(int warmPoolSize) => new(new RunscOptions
    {
        RuntimeRoot = Environment.GetEnvironmentVariable(Variable)!,
        WarmPoolSize = warmPoolSize,
        Volumes = { KeepSnapshots = 2 },
        CommandTimeout = SandboxLab.Patience,
        StartTimeout = SandboxLab.Patience,
    });

    private static DockerRuntime NewRuntime(string engine) => new(new DockerOptions
    {
        Endpoint = new Uri(engine),
        RuntimeRoot = Environment.GetEnvironmentVariable(Variable)!,
        Volumes = { KeepSnapshots = 2 },
    });

    private static async Task EndAsync(ISandboxRuntime runtime, OnCell.Sandboxes.Sandbox sandbox, SandboxSpec spec, string forkFolder, int choice)
    {
        var none = CancellationToken.None;
        switch (choice)
        {
            case 0:
                await sandbox.StopAsync(none);
                break;
            case 1:
                await runtime.DestroyAsync(sandbox.Id, none);
                break;
            case 2 when spec.Checkpoints:
                try
                {
                    await sandbox.CheckpointAsync(none);
                }
                catch (NotSupportedException)
                {
                    // taken over from a life in which it was started without
                }

                break;
            case 3:
                await runtime.Snapshots.CreateAsync(sandbox.Id, spec.Folder, null, none);
                break;
            case 4:
                var fork = spec with { Id = new SandboxId("fork"), Folder = forkFolder };
                await runtime.Snapshots.ForkAsync(sandbox.Id, spec.Folder, null, forkFolder, none);
                await using (var running = await runtime.StartAsync(fork, none))
                    await running.StopAsync(none);
                await runtime.DestroyAsync(fork.Id, none);
                Directory.Delete(forkFolder, recursive: true);
                break;
        }
    }
}
