using System.Diagnostics;
using System.Text.Json.Nodes;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>runsc by itself, as the peer to compare with: the same base system and flags, a sleeping process, no volume, no guest.</summary>
internal sealed class BareRunsc : IAsyncDisposable
{
    private static readonly string[] Namespaces = ["pid", "ipc", "uts", "mount", "network"];

    private readonly string _folder;
    private int _count;

    public BareRunsc(string folder, string rootFileSystem)
    {
        _folder = folder;
        Directory.CreateDirectory(folder + "/bundle");
        var config = new JsonObject
        {
            ["ociVersion"] = "1.0.2",
            ["root"] = new JsonObject { ["path"] = rootFileSystem, ["readonly"] = true },
            ["process"] = new JsonObject
            {
                ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
                ["args"] = new JsonArray("/bin/sleep", "1000000"),
                ["env"] = new JsonArray("PATH=/usr/bin:/bin"),
                ["cwd"] = "/",
                ["noNewPrivileges"] = true,
            },
            ["mounts"] = new JsonArray(new JsonObject { ["destination"] = "/proc", ["type"] = "proc", ["source"] = "proc" }),
            ["linux"] = new JsonObject
            {
                ["cgroupsPath"] = "/oncell-bench-bare",
                ["namespaces"] = new JsonArray([.. Namespaces.Select(t => (JsonNode)new JsonObject { ["type"] = t })]),
                ["resources"] = new JsonObject
                {
                    ["cpu"] = new JsonObject { ["period"] = 100_000, ["quota"] = 200_000 },
                    ["memory"] = new JsonObject { ["limit"] = 2L << 30 },
                },
            },
        };
        File.WriteAllText(folder + "/bundle/config.json", config.ToJsonString());
    }

    /// <summary>Starts a sandbox and returns its id and how long <c>runsc run -detach</c> took, in milliseconds.</summary>
    public async Task<(string Id, double Milliseconds)> RunAsync()
    {
        var id = $"bare-{_count++}";
        return (id, await TimeAsync("run", "-detach", "-bundle", _folder + "/bundle", id));
    }

    /// <summary>Runs <c>true</c> by <c>runsc exec</c> and returns how long it took, in milliseconds.</summary>
    public Task<double> ExecAsync(string id) => TimeAsync("exec", id, "/bin/true");

    public Task RemoveAsync(string id) => TimeAsync("delete", "-force", id);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    // A shell sends the streams to nowhere: the sandbox would otherwise hold this program's own.
    private async Task<double> TimeAsync(params string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start("/bin/sh", [
            "-c", "exec runsc \"$@\" </dev/null >/dev/null 2>&1", "sh", $"--root={_folder}/root", "--network=none", "--host-uds=open",
            "--platform=systrap", "--overlay2=none", .. arguments]);
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? Stopwatch.GetElapsedTime(start).TotalMilliseconds
            : throw new InvalidOperationException($"runsc {string.Join(' ', arguments)} failed with {process.ExitCode}");
    }
}
