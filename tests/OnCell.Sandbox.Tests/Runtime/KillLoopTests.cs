using System.Globalization;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandbox.Tests.Runtime;

/// <summary>SIGKILL of the service, and often of the sandbox or its guest too, at random moments of a sandbox's life.</summary>
public sealed class KillLoopTests(ITestOutputHelper output)
{
    private const string CountVariable = "ONCELL_KILLS";
    private const int DefaultCount = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_file_is_lost_no_command_runs_twice_and_nothing_is_orphaned()
    {
        var count = Count(DefaultCount);
        await using var lab = await SandboxLab.OpenAsync();
        var random = new Random(4711);
        var acknowledged = new List<string>();
        var (attached, found, guests) = (0, 0, 0);
        for (var kill = 0; kill < count; kill++)
        {
            acknowledged.AddRange(await LiveAndDieAsync(lab, kill, random.Next(7), random.Next(300)));
            if (random.Next(3) == 0 && await KillSandboxAsync(lab))
                found++;

            // The next service: takes over what runs, or removes what is left.
            await using var runtime = lab.NewRuntime();
            await RemoveForksAsync(lab, runtime);
            if (await runtime.AttachAsync(lab.Spec(), Cancellation) is not { } sandbox)
            {
                Assert.Empty(lab.Traces());
                continue;
            }

            attached++;
            try
            {
                await AssertKeptAsync(sandbox, acknowledged);
            }
            catch (SandboxException error) when (error is SandboxDisconnectedException or SandboxLostException)
            {
                // It was found in the moment between its end, by a kill or by the killed service's own stop, and its death.
                await sandbox.Lost.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
                await sandbox.DisposeAsync();
                continue;
            }

            switch (random.Next(4))
            {
                case 0:
                    await sandbox.StopAsync(Cancellation);
                    Assert.Empty(lab.Traces());
                    break;
                case 1:
                    guests++;
                    await Record.ExceptionAsync(() => sandbox.RunAsync(ExecSpec.Shell("kill -9 1; sleep 1000"), null, Cancellation));
                    await sandbox.Lost.WaitAsync(Cancellation);
                    break;
            }

            await sandbox.DisposeAsync();
        }

        await lab.Runtime.DestroyAsync(lab.Spec().Id, Cancellation);
        Assert.Empty(lab.Traces());
        await using var last = await lab.StartAsync();
        await AssertKeptAsync(last, acknowledged);
        var ran = await RanOnceAsync(last);
        var summary = $"{count} kills of the service, {found} of the sandbox too, {guests} of the guest; {attached} attached; {acknowledged.Count} files kept; {ran} commands, none twice";
        output.WriteLine(summary);
        if (count != DefaultCount) // the long mode is read from a log
            Console.WriteLine(summary);
    }

    // Lives until `milliseconds` after it acknowledged a number of files.
    private static async Task<List<string>> LiveAndDieAsync(SandboxLab lab, int seed, int files, int milliseconds)
    {
        using var process = RuntimeProcess.Start(lab, seed);
        Assert.Equal("begun", await process.StandardOutput.ReadLineAsync(Cancellation));
        var lines = new List<string>();
        while (lines.Count < files && await process.StandardOutput.ReadLineAsync(Cancellation) is { } line)
            lines.Add(line);
        var rest = process.StandardOutput.ReadToEndAsync(Cancellation);
        await Task.Delay(milliseconds, Cancellation); // a random moment is what is wanted here
        Assert.False(process.HasExited, "The service ended by itself.");
        process.Kill();
        await process.WaitForExitAsync(Cancellation);
        lines.AddRange((await rest).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return lines;
    }

    private static async Task RemoveForksAsync(SandboxLab lab, RunscRuntime runtime)
    {
        foreach (var id in (await runtime.ListAsync(Cancellation)).Where(id => id != lab.Spec().Id))
            await runtime.DestroyAsync(id, Cancellation);
        foreach (var folder in Directory.GetDirectories(lab.DataRoot, "fork-*"))
            Directory.Delete(folder, recursive: true);
    }

    private static async Task<bool> KillSandboxAsync(SandboxLab lab)
    {
        var file = $"{lab.RuntimeRoot}/cell/pid";
        if (!File.Exists(file) || !int.TryParse(await File.ReadAllTextAsync(file, Cancellation), CultureInfo.InvariantCulture, out var pid))
            return false;
        return Libc.Kill(pid, Libc.SigKill) == 0;
    }

    /// <summary>How often to kill: what the variable says, or a number that a test can afford.</summary>
    internal static int Count(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(CountVariable), CultureInfo.InvariantCulture, out var wanted) ? wanted : usual;

    internal static async Task<int> RanOnceAsync(OnCell.Sandboxes.Sandbox sandbox)
    {
        var ran = (await SandboxLab.ShellAsync(sandbox, "cat /work/ran")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(ran.Distinct().Count(), ran.Length);
        return ran.Length;
    }

    internal static async Task AssertKeptAsync(OnCell.Sandboxes.Sandbox sandbox, List<string> acknowledged)
    {
        var names = (await SandboxLab.ShellAsync(sandbox, "cd /work; grep -lx kept *-*-*; true")).Split('\n'); // one process, as there may be thousands
        Assert.Empty(acknowledged.Except(names));
    }
}
