using System.Diagnostics;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Runtime;

/// <summary>A service of its own process, to be killed: this test program, started with a variable set.</summary>
internal static class RuntimeProcess
{
    private const string Variable = "ONCELL_TEST_RUNTIME_ROOT";

    internal static bool IsWanted => Environment.GetEnvironmentVariable(Variable) is not null;

    internal static Process Start(SandboxLab lab, int seed) => Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
    {
        RedirectStandardOutput = true,
        Environment =
        {
            [Variable] = lab.RuntimeRoot,
            [Variable + "_DATA"] = lab.DataRoot,
            [Variable + "_IMAGE"] = lab.RootFileSystem,
            [Variable + "_SEED"] = $"{seed}",
        },
    })!;

    /// <summary>Goes through the life of a sandbox over and over, printing each file once it is acknowledged.</summary>
    internal static async Task<int> RunAsync()
    {
        var none = CancellationToken.None;
        var seed = int.Parse(Environment.GetEnvironmentVariable(Variable + "_SEED")!);
        var random = new Random(seed);
        await using var runtime = new RunscRuntime(new RunscOptions
        {
            RuntimeRoot = Environment.GetEnvironmentVariable(Variable)!,
            WarmPoolSize = random.Next(2),
            Volumes = { KeepSnapshots = 2 },
            CommandTimeout = SandboxLab.Patience,
            StartTimeout = SandboxLab.Patience,
        });
        var data = Environment.GetEnvironmentVariable(Variable + "_DATA")!;
        var spec = SandboxLab.Spec("cell", data, Environment.GetEnvironmentVariable(Variable + "_IMAGE")!) with { Checkpoints = random.Next(2) == 0 };
        Console.WriteLine("begun");
        for (var round = 0; ; round++)
        {
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

            await EndAsync(runtime, sandbox, spec, $"{data}/fork-{seed}-{round}", random.Next(6));
        }
    }

    private static async Task EndAsync(RunscRuntime runtime, OnCell.Sandboxes.Sandbox sandbox, SandboxSpec spec, string forkFolder, int choice)
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
