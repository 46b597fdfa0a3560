using System.Diagnostics;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>A folder of bare repositories, and git run with nothing of the machine's own configuration.</summary>
internal sealed class GitRepositories : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("oncell-");

    public string Under(string path) => Path.Combine(_folder.FullName, path);

    /// <summary>Makes a bare repository with one file, <c>file.txt</c>, that says hello.</summary>
    /// <returns>The folder above all repositories.</returns>
    public async Task<(string Root, string Path)> MakeAsync(string path)
    {
        var root = Under("repos");
        var bare = Path.Combine(root, path);
        await RunAsync("git", ["init", "-q", "--bare", "-b", "main", bare]);
        var tree = Under(path + ".tree");
        await RunAsync("git", ["init", "-q", "-b", "main", tree]);
        await File.WriteAllTextAsync(Path.Combine(tree, "file.txt"), "hello\n", ProxyHarness.Cancel);
        await RunAsync("git", ["-C", tree, "add", "."]);
        await RunAsync("git", ["-C", tree, "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "first"]);
        await RunAsync("git", ["-C", tree, "push", "-q", bare, "main"]);
        return (root, bare);
    }

    public async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var name in start.Environment.Keys.Where(key => key.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_SSL_CAINFO"] = Under("ca.pem");
        start.Environment["HOME"] = _folder.FullName;
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(ProxyHarness.Cancel), process.StandardError.ReadToEndAsync(ProxyHarness.Cancel));
        await process.WaitForExitAsync(ProxyHarness.Cancel);
        return (process.ExitCode, await output + await error);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
