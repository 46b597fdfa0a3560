using System.Diagnostics;

namespace OnCell.Client.Tests;

/// <summary>The client in a program that is compiled ahead of time: without a warning, and it works.</summary>
public sealed class AotTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_native_program_reads_answers_streams_and_lists()
    {
        var folder = Directory.CreateTempSubdirectory("oncell-aot-").FullName;
        try
        {
            await RunAsync("dotnet", "publish", Path.Combine(RepositoryRoot(), "tests", "OnCell.Client.Aot"), "-c", "Release", "-v", "quiet", "-nologo", "-o", folder);
            await using var network = await BadNetwork.StartAsync(
                BadNetwork.Json("""{"customer":"acme","agent":"A","state":"active","created":"2026-01-01T00:00:00Z","changed":"2026-01-01T00:00:00Z"}"""),
                BadNetwork.Events("id: 1\nevent: run.completed\ndata: {}\n\n", torn: false, location: "/v1/runs/acme/r1"),
                BadNetwork.Json("""[{"runId":"r2","method":"task","state":"completed","epoch":1,"created":"2026-01-01T00:00:00Z"}]"""));
            Assert.Equal("Active\nrun.completed\nr2\n", await RunAsync(Path.Combine(folder, "OnCell.Client.Aot"), network.Address.ToString()));
            Assert.False(File.Exists(Path.Combine(folder, "OnCell.Client.dll"))); // it is in the program
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"{program}: {output} {await error}");
            return output;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "OnCell.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
