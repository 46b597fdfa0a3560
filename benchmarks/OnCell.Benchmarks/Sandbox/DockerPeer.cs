using System.Diagnostics;
using System.Formats.Tar;
using OnCell.Sandbox.Tests.Docker;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>The program <c>docker</c> as the peer to compare with: the same base system, a sleeping process.</summary>
internal sealed class DockerPeer(TestEngine engine, string rootFileSystem)
{
    private const string Image = "peer:1";

    public async Task ImportAsync()
    {
        using var archive = new MemoryStream();
        await using (var tar = new TarWriter(archive, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "usr/"));
            foreach (var link in (string[])["bin", "lib", "lib64"])
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, link) { LinkName = "usr/" + link });
        }

        await DockerAsync(archive.ToArray(), "import", "-", Image);
    }

    public Task RunAsync(string name) => DockerAsync(
        null, "run", "-d", "--name", name, "--runtime", "runsc", "--network", "none", "--memory", "2g", "--cpus", "2",
        "-v", $"{rootFileSystem}/usr:/usr:ro", Image, "/bin/sleep", "1000000");

    public Task ExecAsync(string name) => DockerAsync(null, "exec", name, "/bin/true");

    public Task RemoveAsync(string name) => DockerAsync(null, "rm", "-f", name);

    private async Task DockerAsync(byte[]? input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("docker", ["-H", engine.Endpoint.OriginalString, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.BaseStream.WriteAsync(input ?? []);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        await output;
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"docker {string.Join(' ', arguments)} failed with {process.ExitCode}: {await error}");
    }
}
