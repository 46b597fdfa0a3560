using Docker.DotNet.Models;
using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandboxes.Docker;

/// <summary>How gVisor must be registered in the engine's configuration, and whether it is.</summary>
internal static class GvisorRegistration
{
    // Whatever these say, what a sandbox may do stays the same.
    private static readonly string[] Harmless =
        ["platform", "debug", "debug-log", "debug-log-format", "log", "log-format", "file-access", "file-access-mounts", "cpu-num-from-quota", "systemd-cgroup"];

    // Those that decide what a sandbox may do, or whether its files are on its volume.
    private static readonly string[] Required = ["network", "host-uds", "overlay2"];

    /// <summary>Gets what daemon.json must say.</summary>
    internal static string Fix(string runtime)
    {
        var arguments = string.Join(", ", SandboxPolicy.RunscArguments("systrap").Select(argument => $"\"{argument}\""));
        return $"Register it in /etc/docker/daemon.json and restart the engine: {{\"runtimes\": {{\"{runtime}\": "
            + $"{{\"path\": \"/usr/bin/runsc\", \"runtimeArgs\": [{arguments}]}}}}, \"live-restore\": true}}";
    }

    /// <summary>Tells whether a runtime is gVisor at all.</summary>
    internal static bool IsGvisor(RuntimeWithStatus runtime) => Path.GetFileName(runtime.Path ?? "").StartsWith("runsc", StringComparison.Ordinal);

    /// <summary>Finds what is wrong with the arguments; nothing where a sandbox is held as it must be.</summary>
    internal static IEnumerable<string> Faults(IEnumerable<string> arguments)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            var (name, value) = argument.TrimStart('-').Split('=', 2) is [var left, var right] ? (left, right) : (argument.TrimStart('-'), "true");
            given[name] = value; // the last one counts
        }

        var wanted = SandboxPolicy.RunscArguments("systrap").Select(a => a[2..].Split('=', 2)).ToDictionary(p => p[0], p => p.ElementAtOrDefault(1) ?? "true");
        foreach (var name in Required.Where(name => given.GetValueOrDefault(name) != wanted[name]))
            yield return $"--{name}={wanted[name]} is missing{(given.TryGetValue(name, out var found) ? $" (it is {found})" : "")}";
        foreach (var name in given.Keys.Except(Required).Except(Harmless))
            yield return $"--{name} is none of those that are known to leave a sandbox as closed as it must be";
    }
}
