using System.Diagnostics;
using System.Text.Json.Nodes;

namespace OnCell.Benchmarks.Sandbox;

/// <summary>runsc by itself, as the peer to compare with: the same base system and flags, a sleeping process, no volume, no guest.</summary>
internal sealed class BareRunsc : IAsyncDisposable
{
    private static readonly string[] Namespaces = ["pid", "ipc", "uts", "mount", "network"];

    /// <summary>A folder that the base system has, as nothing may be made in it.</summary>
    public const string Work = "/mnt";

    private readonly string _folder;
    private readonly string[] _flags;
    private int _count;

    /// <param name="folder">Where it keeps its state; removed at the end.</param>
    /// <param name="rootFileSystem">The base system.</param>
    /// <param name="work">A host folder that becomes <see cref="Work"/>, if any.</param>
    /// <param name="flags">Further flags of runsc.</param>
    public BareRunsc(string folder, string rootFileSystem, string? work = null, params string[] flags)
    {
        _folder = folder;
        _flags = flags;
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
            ["mounts"] = new JsonArray(
            [
                new JsonObject { ["destination"] = "/proc", ["type"] = "proc", ["source"] = "proc" },
                .. work is null ? (JsonNode[])[] : [new JsonObject { ["destination"] = Work, ["type"] = "bind", ["source"] = work, ["options"] = new JsonArray("rw") }],
            ]),
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

    /// <summary>Runs a Python program that prints one number.</summary>
    public async Task<double> PythonAsync(string id, string program)
    {
        var info = new ProcessStartInfo("runsc", [.. Flags(), "exec", "-env", "HOME=/mnt", id, "python3", "-c", program]) { RedirectStandardOutput = true };
        using var process = Process.Start(info)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return double.Parse(output, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Reads the output of a shell line, of which the length is known, and returns how long it took, in milliseconds.</summary>
    public async Task<double> OutputAsync(string id, string line, long length)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo("runsc", [.. Flags(), "exec", id, "/bin/sh", "-c", line]) { RedirectStandardOutput = true })!;
        var buffer = new byte[1 << 20];
        var bytes = 0L;
        while (await process.StandardOutput.BaseStream.ReadAsync(buffer) is > 0 and var count)
            bytes += count;
        await process.WaitForExitAsync();
        return bytes == length
            ? Stopwatch.GetElapsedTime(start).TotalMilliseconds
            : throw new InvalidOperationException($"{bytes} bytes came of {length}");
    }

    public Task RemoveAsync(string id) => TimeAsync("delete", "-force", id);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private string[] Flags() =>
        [$"--root={_folder}/root", "--network=none", "--host-uds=open", "--platform=systrap", "--overlay2=none", .. _flags];

    // A shell sends the streams to nowhere: the sandbox would otherwise hold this program's own.
    private async Task<double> TimeAsync(params string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start("/bin/sh", [
            "-c", "exec runsc \"$@\" </dev/null >/dev/null 2>&1", "sh", .. Flags(), .. arguments]);
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? Stopwatch.GetElapsedTime(start).TotalMilliseconds
            : throw new InvalidOperationException($"runsc {string.Join(' ', arguments)} failed with {process.ExitCode}");
    }
}
