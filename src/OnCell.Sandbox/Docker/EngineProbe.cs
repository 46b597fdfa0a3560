using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandboxes.Docker;

/// <summary>The doctor of the Docker runtime.</summary>
internal sealed class EngineProbe(DockerOptions options, DockerEngine engine)
{
    internal async Task<RuntimeReport> RunAsync(CancellationToken cancellationToken)
    {
        List<HostRequirement> requirements = [.. await EngineAsync(cancellationToken).ConfigureAwait(false), HostRequirements.Guest(options.GuestPath)];
        if (options.CapsDisks)
            requirements.AddRange(HostRequirements.Volumes());
        requirements.Add(HostRequirements.FreeSpace(options.Volumes));
        return new RuntimeReport(requirements);
    }

    private async Task<IReadOnlyList<HostRequirement>> EngineAsync(CancellationToken cancellationToken)
    {
        try
        {
            var info = await engine.CallAsync("tell about itself", (client, token) => client.System.GetSystemInfoAsync(token), cancellationToken)
                .ConfigureAwait(false);
            return
            [
                new HostRequirement("Docker engine", true, $"{info.ServerVersion} at {engine.Endpoint}", null),
                new HostRequirement(
                    "engine restarts", true, info.LiveRestoreEnabled ? "sandboxes go on (live-restore)" : "end the sandboxes; \"live-restore\": true in daemon.json keeps them", null),
                .. EngineRequirements.Of(info, options),
            ];
        }
        catch (SandboxException error)
        {
            return
            [
                new HostRequirement(
                    "Docker engine", false, error.Message,
                    $"Install and start it (Debian: 'apt install docker.io'), and let user {Libc.EffectiveUser()} use {engine.Endpoint.LocalPath} (group docker)."),
            ];
        }
    }
}
