using OnCell.Tests;

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
            await HostProgram.RunAsync(
                "dotnet", ["publish", Repository.PathOf("tests", "OnCell.Client.Aot"), "-c", "Release", "-v", "quiet", "-nologo", "-o", folder], Limit);
            await using var network = await BadNetwork.StartAsync(
                BadNetwork.Json("""{"customer":"acme","agent":"A","state":"active","created":"2026-01-01T00:00:00Z","changed":"2026-01-01T00:00:00Z"}"""),
                BadNetwork.Events("id: 1\nevent: run.completed\ndata: {}\n\n", torn: false, location: "/v1/runs/acme/r1"),
                BadNetwork.Json("""[{"runId":"r2","method":"task","state":"completed","epoch":1,"created":"2026-01-01T00:00:00Z"}]"""));
            Assert.Equal("Active\nrun.completed\nr2\n", await HostProgram.RunAsync(Path.Combine(folder, "OnCell.Client.Aot"), [network.Address.ToString()], Limit));
            Assert.False(File.Exists(Path.Combine(folder, "OnCell.Client.dll"))); // it is in the program
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
