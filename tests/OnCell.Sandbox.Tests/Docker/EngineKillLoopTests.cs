using System.Collections.Concurrent;
using System.Diagnostics;
using Docker.DotNet.Models;
using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandbox.Tests.Docker;

/// <summary>SIGKILL of dockerd, containerd, both, a sandbox or the service alone, at random moments of a cell's life.</summary>
public sealed class EngineKillLoopTests(ITestOutputHelper output)
{
    private const int DefaultCount = 3;
    private const long RetryMilliseconds = 120_000;

    private static readonly string[] Victims = ["dockerd", "containerd", "dockerd and containerd", "sandbox", "service alone"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_file_is_lost_no_command_runs_twice_and_nothing_is_orphaned()
    {
        var count = KillLoopTests.Count(DefaultCount);
        await using var lab = await DockerLab.OpenAsync();
        var random = new Random(4711);
        var acknowledged = new List<string>();
        var (attached, survived) = (0, 0);
        var kills = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var kill = 0; kill < count; kill++)
        {
            var victim = Victims[kill % Victims.Length];
            kills[victim] = kills.GetValueOrDefault(victim) + 1;
            survived += await LiveAndDieAsync(lab, kill, victim, random, acknowledged) ? 1 : 0;

            // The next service: takes over what runs, or removes what is left.
            await using var runtime = lab.NewRuntime();
            await TryAsync(() => RemoveForksAsync(lab, runtime));
            var sandbox = await TryAsync(() => runtime.AttachAsync(lab.Spec(), Cancellation));
            if (sandbox is null)
            {
                Assert.Empty(lab.Traces());
                continue;
            }

            attached++;
            try
            {
                await KillLoopTests.AssertKeptAsync(sandbox, acknowledged);
            }
            catch (SandboxDisconnectedException) when (victim == "sandbox")
            {
                // It was found in the moment between its killing and its death.
                await sandbox.Lost.WaitAsync(Cancellation);
                await sandbox.DisposeAsync();
                continue;
            }

            if (random.Next(3) == 0)
            {
                await TryAsync(() => sandbox.StopAsync(Cancellation));
                Assert.Empty(lab.Traces());
            }

            await sandbox.DisposeAsync();
        }

        await TryAsync(() => lab.Runtime.DestroyAsync(lab.Spec().Id, Cancellation));
        Assert.Empty(lab.Traces());
        await using var last = await TryAsync(() => lab.StartAsync());
        await KillLoopTests.AssertKeptAsync(last, acknowledged);
        var ran = await KillLoopTests.RanOnceAsync(last);
        var summary = $"{count} kills ({string.Join(", ", kills.Select(k => $"{k.Key} {k.Value}"))}), after {survived} of the engine the service went on; "
            + $"{attached} attached; {acknowledged.Count} files kept; {ran} commands, none twice";
        output.WriteLine(summary);
        if (count != DefaultCount) // the long mode is read from a log
            Console.WriteLine(summary);
    }

    /// <summary>Lets a service live for a random while, kills the victim, and at last the service.</summary>
    /// <returns>Whether the service outlived the engine and went on with the next.</returns>
    private static async Task<bool> LiveAndDieAsync(DockerLab lab, int seed, string victim, Random random, List<string> acknowledged)
    {
        using var process = RuntimeProcess.Start(lab, seed);
        try
        {
            return await LiveAndDieAsync(process, lab, victim, random, acknowledged);
        }
        finally
        {
            process.Kill(); // also where the test has failed
        }
    }

    private static async Task<bool> LiveAndDieAsync(Process process, DockerLab lab, string victim, Random random, List<string> acknowledged)
    {
        Assert.Equal("begun", await process.StandardOutput.ReadLineAsync(Cancellation));
        var lines = new ConcurrentQueue<string>();
        var reading = ReadAsync(process, lines);
        await WaitForAsync(process, lines, random.Next(4));
        await Task.Delay(random.Next(300), Cancellation); // a random moment is what is wanted here

        var survives = false;
        var (dockerd, containerd) = (victim.Contains("dockerd", StringComparison.Ordinal), victim.Contains("containerd", StringComparison.Ordinal));
        if (dockerd || containerd)
        {
            await lab.Engine.KillAsync(dockerd, containerd, Cancellation);
            survives = random.Next(2) == 0;
            if (survives)
            {
                await lab.Engine.StartAgainAsync(Cancellation);
                await WaitForAsync(process, lines, lines.Count + 1);
            }
        }
        else if (victim == "sandbox")
        {
            await KillSandboxAsync(lab);
        }

        Assert.False(process.HasExited, "The service ended by itself.");
        process.Kill();
        await process.WaitForExitAsync(Cancellation);
        await reading;
        acknowledged.AddRange(lines);
        await lab.Engine.StartAgainAsync(Cancellation);
        return survives;
    }

    private static async Task ReadAsync(Process process, ConcurrentQueue<string> lines)
    {
        while (await process.StandardOutput.ReadLineAsync(Cancellation) is { } line)
            lines.Enqueue(line);
    }

    private static async Task WaitForAsync(Process process, ConcurrentQueue<string> lines, int count)
    {
        for (var deadline = Environment.TickCount64 + RetryMilliseconds; lines.Count < count;)
        {
            Assert.False(process.HasExited, "The service ended by itself.");
            Assert.True(Environment.TickCount64 < deadline, "The service does not go on.");
            await Task.Delay(10, Cancellation);
        }
    }

    private static async Task KillSandboxAsync(DockerLab lab)
    {
        using var client = lab.NewClient();
        var own = (await client.Containers.ListContainersAsync(new ContainersListParameters(), Cancellation))
            .SingleOrDefault(c => c.Names[0].EndsWith("-cell", StringComparison.Ordinal));
        if (own is not null && (await client.Containers.InspectContainerAsync(own.ID, Cancellation)).State is { Pid: > 0 } state)
            _ = Libc.Kill((int)state.Pid, Libc.SigKill);
    }

    private static async Task RemoveForksAsync(DockerLab lab, DockerRuntime runtime)
    {
        foreach (var id in (await runtime.ListAsync(Cancellation)).Where(id => id != lab.Spec().Id))
            await runtime.DestroyAsync(id, Cancellation);
        foreach (var folder in Directory.GetDirectories(lab.DataRoot, "fork-*"))
            Directory.Delete(folder, recursive: true);
    }

    private static Task TryAsync(Func<Task> call) => TryAsync(async () =>
    {
        await call();
        return true;
    });

    // An engine that was just started, or whose containerd was, refuses for a moment.
    private static async Task<T> TryAsync<T>(Func<Task<T>> call)
    {
        for (var deadline = Environment.TickCount64 + RetryMilliseconds; ;)
        {
            try
            {
                return await call();
            }
            catch (SandboxException) when (Environment.TickCount64 < deadline)
            {
                await Task.Delay(50, Cancellation);
            }
        }
    }
}
