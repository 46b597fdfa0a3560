using System.Text.Json.Nodes;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>The host paths that a sandbox is made over.</summary>
/// <param name="RootFileSystem">The writable root: overlay mount point.</param>
/// <param name="Work">The folder that becomes <c>/work</c>.</param>
/// <param name="Temporary">The folder that becomes <c>/tmp</c>.</param>
/// <param name="GuestRecords">The folder that becomes <c>/var/lib/oncell</c>.</param>
/// <param name="GuestProgram">The program that becomes <c>/oncell/oncell-guest</c>.</param>
/// <param name="Sockets">The folder that becomes <c>/run/oncell</c>.</param>
internal sealed record SandboxPaths(
    string RootFileSystem, string Work, string Temporary, string GuestRecords, string GuestProgram, string Sockets);

/// <summary>
/// Builds the OCI configuration of a sandbox: policy in, JSON out. The only home of hardening; there is no way to add
/// free-form arguments on purpose.
/// </summary>
/// <remarks>See <see href="https://github.com/opencontainers/runtime-spec/blob/main/config.md">the OCI runtime specification</see>.</remarks>
internal static class OciSpecBuilder
{
    private const string Proxy = "http://127.0.0.1:3128";

    private static readonly string[] Namespaces = ["pid", "ipc", "uts", "mount", "network"];

    /// <summary>Builds the configuration of a cell.</summary>
    /// <param name="spec">What it is made of.</param>
    /// <param name="paths">The host paths it is made over.</param>
    /// <param name="cgroupPath">Its control group.</param>
    /// <param name="devices">The devices of the host that it gets: those of its GPUs.</param>
    internal static JsonObject Build(
        SandboxSpec spec, SandboxPaths paths, string cgroupPath, IReadOnlyList<HostDevice>? devices = null) => new()
        {
            ["ociVersion"] = "1.0.2",
            ["hostname"] = SandboxPolicy.HostName,
            ["root"] = new JsonObject { ["path"] = paths.RootFileSystem, ["readonly"] = false },
            ["process"] = Process(SandboxPolicy.GuestCommand, SandboxPolicy.Capabilities, EnvironmentLines(spec)),
            ["mounts"] = new JsonArray([
            Mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
            Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
            Mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", $"size={SandboxPolicy.SharedMemoryBytes(spec.Resources)}"),
            .. SandboxPolicy.Binds(spec, paths).Select(Bind)]),
            ["linux"] = new JsonObject
            {
                ["cgroupsPath"] = cgroupPath,
                ["namespaces"] = NewNamespaces(),
                ["devices"] = new JsonArray([.. (devices ?? []).Select(Device)]),
                ["resources"] = Resources(spec.Resources),
                ["maskedPaths"] = Strings(SandboxPolicy.MaskedPaths),
                ["readonlyPaths"] = Strings(SandboxPolicy.ReadonlyPaths),
            },
        };

    /// <summary>Builds the configuration of a sandbox that waits in the warm pool: the guest, no files, no way out.</summary>
    /// <remarks>The guest may mount, to move into the cell; it gives that up before anything of the cell runs.</remarks>
    /// <param name="resources">The caps, in force from the boot on; the cell that moves in must have the same.</param>
    /// <param name="rootFileSystem">A <see cref="WaitingRoot"/>.</param>
    /// <param name="cgroupPath">Its control group.</param>
    internal static JsonObject BuildWaiting(SandboxResources resources, string rootFileSystem, string cgroupPath) => new()
    {
        ["ociVersion"] = "1.0.2",
        ["hostname"] = SandboxPolicy.HostName,
        ["root"] = new JsonObject { ["path"] = rootFileSystem, ["readonly"] = false },
        ["process"] = Process([WaitingRoot.Program, "wait"], [.. SandboxPolicy.Capabilities, "CAP_SYS_ADMIN"], []),
        ["linux"] = new JsonObject
        {
            ["cgroupsPath"] = cgroupPath,
            ["namespaces"] = NewNamespaces(),
            ["resources"] = Resources(resources),
        },
    };

    /// <summary>The environment of the guest, inherited by all commands. The spec's own variables win over these.</summary>
    internal static IReadOnlyDictionary<string, string> Environment(SandboxSpec spec)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = "/root",
            ["LANG"] = "C.UTF-8",
            ["TERM"] = "xterm",
            ["http_proxy"] = Proxy,
            ["https_proxy"] = Proxy,
            ["HTTP_PROXY"] = Proxy,
            ["HTTPS_PROXY"] = Proxy,
            ["ALL_PROXY"] = "socks5h://127.0.0.1:3128",
            ["no_proxy"] = "localhost,127.0.0.1,::1",
        };
        var git = new[]
        {
            ("credential.helper", SandboxPolicy.GuestProgram + " git-credential"),
            ("credential.useHttpPath", "true"),
            ("safe.directory", "*"),
        };
        variables["GIT_CONFIG_COUNT"] = $"{git.Length}";
        for (var i = 0; i < git.Length; i++)
            (variables[$"GIT_CONFIG_KEY_{i}"], variables[$"GIT_CONFIG_VALUE_{i}"]) = git[i];
        foreach (var (name, value) in spec.Environment)
            variables[name] = value;
        return variables;
    }

    /// <summary>The same, each as <c>NAME=value</c>.</summary>
    internal static IReadOnlyList<string> EnvironmentLines(SandboxSpec spec) => [.. Environment(spec).Select(v => $"{v.Key}={v.Value}")];

    private static JsonObject Process(IReadOnlyList<string> arguments, IReadOnlyList<string> capabilities, IReadOnlyList<string> environment) => new()
    {
        ["terminal"] = false,
        ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
        ["args"] = Strings(arguments),
        ["cwd"] = "/",
        ["env"] = Strings(environment),
        ["noNewPrivileges"] = true,
        ["capabilities"] = new JsonObject
        {
            ["bounding"] = Strings(capabilities),
            ["effective"] = Strings(capabilities),
            ["permitted"] = Strings(capabilities),
            ["inheritable"] = new JsonArray(),
            ["ambient"] = new JsonArray(),
        },
        ["rlimits"] = new JsonArray(Limit("RLIMIT_NOFILE", SandboxPolicy.OpenFiles), Limit("RLIMIT_CORE", 0)),
    };

    private static JsonObject Resources(SandboxResources resources) => new()
    {
        ["cpu"] = new JsonObject
        {
            ["period"] = SandboxPolicy.CpuPeriodMicroseconds,
            ["quota"] = SandboxPolicy.CpuQuota(resources),
        },
        ["memory"] = new JsonObject { ["limit"] = resources.MemoryBytes },
        ["pids"] = new JsonObject { ["limit"] = resources.Pids },
        ["devices"] = new JsonArray(new JsonObject { ["allow"] = false, ["access"] = "rwm" }),
    };

    private static JsonObject Device(HostDevice device) => new()
    {
        ["path"] = device.Path,
        ["type"] = "c",
        ["major"] = device.Major,
        ["minor"] = device.Minor,
        ["fileMode"] = 0b110_110_110,
        ["uid"] = 0,
        ["gid"] = 0,
    };

    private static JsonArray NewNamespaces() =>
        new([.. Namespaces.Select(type => (JsonNode)new JsonObject { ["type"] = type })]);

    private static JsonObject Limit(string type, int value) => new() { ["type"] = type, ["soft"] = value, ["hard"] = value };

    private static JsonObject Bind(SandboxBind bind)
    {
        string[] options = [.. bind.Writable ? (string[])["rbind", "rw"] : ["bind", "ro"], "nosuid", "nodev", .. bind.Executable ? (string[])[] : ["noexec"]];
        return Mount(bind.Target, "bind", bind.Source, options);
    }

    private static JsonObject Mount(string destination, string type, string source, params string[] options) => new()
    {
        ["destination"] = destination,
        ["type"] = type,
        ["source"] = source,
        ["options"] = Strings(options),
    };

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value!)]);
}
