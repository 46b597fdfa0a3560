using System.Diagnostics;
using System.Globalization;

namespace OnCell.Benchmarks.Journal;

/// <summary>
/// The long mode of the journal's fault tests: 1,000 power cuts, 300 of a real file system, 1,000 fan-outs, 10,000 kills. Takes
/// about half an hour on two cores.
/// </summary>
internal static class JournalFaults
{
    private const string Project = "tests/OnCell.Journal.Tests";

    public static async Task RunAsync(BenchmarkReport report)
    {
        await ReadAsync("dotnet", ["build", Project, "-c", "Release", "-v", "quiet", "-nologo"], static _ => { });
        await ReadAsync($"{Project}/bin/Release/net10.0/linux-x64/OnCell.Journal.Tests", ["faults"], line =>
        {
            var parts = line.Split(' ');
            report.Add(parts[0], double.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
        });
    }

    private static async Task ReadAsync(string program, string[] arguments, Action<string> read)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Length > 0)
                read(line);
        }

        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: see the counts above.");
    }
}
