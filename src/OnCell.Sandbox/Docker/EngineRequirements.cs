using Docker.DotNet.Models;
using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandboxes.Docker;

/// <summary>What a sandbox needs of the engine; looked at again before each start, as an engine can be configured anew.</summary>
internal static class EngineRequirements
{
    private const string Production = "Production";

    /// <summary>Looks at what the engine says of itself.</summary>
    internal static IEnumerable<HostRequirement> Of(SystemInfoResponse info, DockerOptions options)
    {
        yield return Runtime(info, options);
        yield return HostRequirements.Present(
            "engine limits", info is { MemoryLimit: true, PidsLimit: true, CPUCfsQuota: true },
            $"memory {info.MemoryLimit}, tasks {info.PidsLimit}, processors {info.CPUCfsQuota}",
            "The engine cannot cap what a sandbox uses: give it the memory, pids and cpu control groups.");
        var remapped = (info.SecurityOptions ?? []).FirstOrDefault(o => o.Contains("name=userns", StringComparison.Ordinal) || o.Contains("name=rootless", StringComparison.Ordinal));
        yield return HostRequirements.Present(
            "engine user", remapped is null, remapped ?? "root", "Use an engine that is root and does not remap users: a sandbox's files would belong to others.");
        yield return HostRequirements.Present(
            "disk cap", options.CapsDisks || options.AllowUncappedDisk,
            options.CapsDisks ? "each sandbox has a volume of its size" : "none: the service is not root, so a sandbox can fill this host's disk",
            "Run the service as root, or set DockerOptions.AllowUncappedDisk to accept it.");
    }

    /// <summary>Asks the engine, and refuses where a sandbox would not be held as it must be.</summary>
    /// <returns>Whether gVisor will hold it.</returns>
    /// <exception cref="SandboxException">Something is missing; the message says what, and the fix.</exception>
    internal static async Task<bool> RequireAsync(DockerEngine engine, DockerOptions options, CancellationToken cancellationToken)
    {
        var info = await engine.CallAsync("tell about itself", (client, token) => client.System.GetSystemInfoAsync(token), cancellationToken)
            .ConfigureAwait(false);
        var missing = Of(info, options).Where(requirement => !requirement.Ok).ToList();
        return missing.Count == 0
            ? IsGvisor(info, options)
            : throw new SandboxException(
                $"The Docker engine at {engine.Endpoint} cannot hold sandboxes: "
                + string.Join(" ", missing.Select(m => $"{m.Name}: {m.Found}. {m.Fix}")));
    }

    private static bool IsGvisor(SystemInfoResponse info, DockerOptions options) =>
        info.Runtimes?.TryGetValue(options.Runtime, out var runtime) == true && GvisorRegistration.IsGvisor(runtime);

    private static HostRequirement Runtime(SystemInfoResponse info, DockerOptions options)
    {
        const string name = "engine runtime";
        var fix = GvisorRegistration.Fix(options.Runtime);
        if (info.Runtimes?.TryGetValue(options.Runtime, out var runtime) != true)
            return new HostRequirement(name, false, $"no runtime {options.Runtime} (there are {string.Join(", ", info.Runtimes?.Keys ?? [])})", fix);
        if (GvisorRegistration.IsGvisor(runtime!))
        {
            var faults = GvisorRegistration.Faults(runtime!.Args ?? []).ToList();
            return HostRequirements.Present(name, faults.Count == 0, faults.Count == 0 ? $"{options.Runtime} is {runtime.Path}" : string.Join("; ", faults), fix);
        }

        if (!options.AllowUnsafeRuntime)
            return new HostRequirement(name, false, $"{options.Runtime} is {runtime!.Path} and not gVisor", $"{fix}. For development without gVisor there is DockerOptions.AllowUnsafeRuntime.");
        return options.EnvironmentName.Equals(Production, StringComparison.OrdinalIgnoreCase)
            ? new HostRequirement(name, false, $"{options.Runtime} is not gVisor, and this is {Production}: AllowUnsafeRuntime does not hold here", fix)
            : new HostRequirement(name, true, $"{options.Runtime} is NOT gVisor; AllowUnsafeRuntime is set", null);
    }
}
