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
        await using var runtime = new RunscRuntime(new RunscOptions { RuntimeRoot = Environment.GetEnvironmentVariable(Variable)! });
        var spec = SandboxLab.Spec(
            "cell", Environment.GetEnvironmentVariable(Variable + "_DATA")!, Environment.GetEnvironmentVariable(Variable + "_IMAGE")!);
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

            if (random.Next(2) == 0)
                await sandbox.StopAsync(none);
            else if (random.Next(2) == 0)
                await runtime.DestroyAsync(sandbox.Id, none);
        }
    }
}
