using System.Diagnostics;

namespace OnCell.Cli.Deploying;

/// <summary>A project that holds agents, built by the .NET SDK.</summary>
internal sealed class AgentProject
{
    private readonly string _path;

    private AgentProject(string path) => _path = path;

    /// <summary>Gets the project file's name without extension.</summary>
    public string Name => Path.GetFileNameWithoutExtension(_path);

    /// <exception cref="UsageException">There is no project, or there are several.</exception>
    public static AgentProject Find(string path)
    {
        if (File.Exists(path)) return new AgentProject(Path.GetFullPath(path));
        if (!Directory.Exists(path)) throw new UsageException($"there is no project \"{path}\".");
        return Directory.GetFiles(path, "*.csproj") switch
        {
            [var one] => new AgentProject(Path.GetFullPath(one)),
            [] => throw new UsageException($"there is no .csproj in {Path.GetFullPath(path)}: name the project that holds the agent."),
            var several => throw new UsageException($"name the project, one of {string.Join(", ", several.Select(Path.GetFileName))}."),
        };
    }

    /// <summary>Builds it into a folder.</summary>
    /// <returns>The name of its assembly.</returns>
    /// <exception cref="UsageException">It does not build.</exception>
    public async Task<string> PublishAsync(string folder, CancellationToken cancellationToken)
    {
        var assembly = await RunAsync(["msbuild", _path, "-getProperty:AssemblyName", "-p:Configuration=Release"], cancellationToken);

        // No host of its own: the agents run in the service.
        await RunAsync(["publish", _path, "-c", "Release", "-o", folder, "-nologo", "-v", "quiet", "-p:UseAppHost=false"], cancellationToken);
        return assembly.Trim();
    }

    private async Task<string> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(_path)!,
        }) ?? throw new UsageException("the .NET SDK cannot be started: is \"dotnet\" in PATH?");
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? await output
                : throw new UsageException($"\"dotnet {arguments[0]} {_path}\" failed:\n{await output}{await errors}".TrimEnd());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
