using System.Diagnostics;
using OnCell.Journal.Tests.Support;
using OnCell.Tests;

namespace OnCell.Journal.Tests.Samples;

/// <summary>The sample's promise: killed at any moment, it finishes its ten payments exactly once.</summary>
public class PaydayTests
{
    private const int Employees = 10;
    private const int Killed = 137;

    [Fact]
    public async Task Killed_again_and_again_it_makes_each_payment_once()
    {
        await using var file = new TestJournal();
        var (kills, output, patience) = (0, "", TimeSpan.FromMilliseconds(100));
        do
        {
            using var sample = Process.Start(new ProcessStartInfo("dotnet", [Program(), file.Folder, "15"]) { RedirectStandardOutput = true })!;
            var reading = sample.StandardOutput.ReadToEndAsync(Step.Ct);

            // The first life is too short for ten payments; each next one is longer, so a slow machine comes to the end too.
            var ended = sample.WaitForExitAsync(Step.Ct);
            if (await Task.WhenAny(ended, Task.Delay(patience, Step.Ct)) != ended)
                sample.Kill();
            patience *= 1.2;
            await ended;
            output = await reading;
            kills += sample.ExitCode == Killed ? 1 : 0;
            Assert.True(sample.ExitCode is 0 or Killed, output);
        }
        while (!output.Contains("all done", StringComparison.Ordinal));

        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills");
        Assert.True(kills > 0, "the sample was never killed");
        var paid = await System.IO.File.ReadAllLinesAsync(Path.Combine(file.Folder, "bank.txt"), Step.Ct);
        Assert.Equal(Employees, paid.Length);
        Assert.Equal(Employees, paid.Select(line => line.Split(' ')[1]).Distinct().Count());
        var journal = await file.ReopenAsync();
        Assert.Equal("1000", (await journal.GetRunAsync("payday", Step.Ct))!.ResultJson);
    }

    private static string Program() =>
        Directory.GetFiles(Repository.PathOf("samples", "JournalSample", "bin"), "JournalSample.dll", SearchOption.AllDirectories)
            .OrderByDescending(System.IO.File.GetLastWriteTimeUtc).First();
}
