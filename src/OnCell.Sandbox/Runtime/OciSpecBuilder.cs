using System.Text.Json.Nodes;

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
    internal const string GuestProgram = "/oncell/oncell-guest";

    // One for all: a cell that joins a pooled sandbox keeps the name that was set at its boot.
    private const string HostName = "cell";

    private const string ContainerType = "io.kubernetes.cri.container-type";
    private const string Proxy = "http://127.0.0.1:3128";
    private const int CpuPeriodMicroseconds = 100_000;
    private const int OpenFiles = 65_536;

    // What package managers and servers need of root inside the sandbox. Not among them, on purpose: mknod, mount
    // (SYS_ADMIN), raw sockets, ptrace of strangers, modules, time, and chroot.
    private static readonly string[] Capabilities =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETGID",
        "CAP_SETPCAP", "CAP_SETUID",
    ];

    private static readonly string[] Namespaces = ["pid", "ipc", "uts", "mount", "network"];

    private static readonly string[] MaskedPaths =
    [
        "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/firmware",
    ];

    private static readonly string[] ReadonlyPaths =
        ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>Builds the configuration of a cell.</summary>
    /// <param name="spec">What it is made of.</param>
    /// <param name="paths">The host paths it is made over.</param>
    /// <param name="cgroupPath">Its control group; the pooled sandbox's where it joins one.</param>
    /// <param name="pooled">The sandbox of the warm pool that it joins, or <see langword="null"/> to boot its own.</param>
    internal static JsonObject Build(SandboxSpec spec, SandboxPaths paths, string cgroupPath, string? pooled = null) => new()
    {
        ["ociVersion"] = "1.0.2",
        ["annotations"] = pooled is null
            ? new JsonObject()
            : new JsonObject { [ContainerType] = "container", ["io.kubernetes.cri.sandbox-id"] = pooled },
        ["hostname"] = HostName,
        ["root"] = new JsonObject { ["path"] = paths.RootFileSystem, ["readonly"] = false },
        ["process"] = new JsonObject
        {
            ["terminal"] = false,
            ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
            ["args"] = Strings([GuestProgram, "init"]),
            ["cwd"] = "/",
            ["env"] = Strings(Environment(spec).Select(v => $"{v.Key}={v.Value}")),
            ["noNewPrivileges"] = true,
            ["capabilities"] = new JsonObject
            {
                ["bounding"] = Strings(Capabilities),
                ["effective"] = Strings(Capabilities),
                ["permitted"] = Strings(Capabilities),
                ["inheritable"] = new JsonArray(),
                ["ambient"] = new JsonArray(),
            },
            ["rlimits"] = new JsonArray(Limit("RLIMIT_NOFILE", OpenFiles), Limit("RLIMIT_CORE", 0)),
        },
        ["mounts"] = new JsonArray(
        [
            Mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
            Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
            Mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", $"size={spec.Resources.MemoryBytes / 4}"),
            Mount("/work", "bind", paths.Work, "rbind", "rw", "nosuid", "nodev"),
            Mount("/tmp", "bind", paths.Temporary, "rbind", "rw", "nosuid", "nodev"), // runsc would put it in memory
            Mount("/var/lib/oncell", "bind", paths.GuestRecords, "rbind", "rw", "nosuid", "noexec", "nodev"),
            Mount("/run/oncell", "bind", paths.Sockets, "rbind", "ro", "nosuid", "noexec", "nodev"),
            Mount(GuestProgram, "bind", paths.GuestProgram, "bind", "ro", "nosuid", "nodev"),
            .. spec.ReadOnlyMounts.OrderBy(mount => mount.Key, StringComparer.Ordinal)
                .Select(mount => Mount(mount.Key, "bind", mount.Value, "bind", "ro", "nosuid", "nodev", "noexec")),
        ]),
        ["linux"] = new JsonObject
        {
            ["cgroupsPath"] = cgroupPath,
            ["namespaces"] = NewNamespaces(),
            ["resources"] = Resources(spec.Resources),
            ["maskedPaths"] = Strings(MaskedPaths),
            ["readonlyPaths"] = Strings(ReadonlyPaths),
        },
    };

    /// <summary>Builds the configuration of a sandbox that waits in the warm pool: a sleeping process, no files, no way out.</summary>
    /// <param name="resources">The caps, in force from the boot on; the cell that joins must have the same.</param>
    /// <param name="rootFileSystem">A folder that holds nothing but the program <c>/pause</c>.</param>
    /// <param name="cgroupPath">Its control group.</param>
    internal static JsonObject BuildPaused(SandboxResources resources, string rootFileSystem, string cgroupPath) => new()
    {
        ["ociVersion"] = "1.0.2",
        ["hostname"] = HostName,
        ["annotations"] = new JsonObject { [ContainerType] = "sandbox" },
        ["root"] = new JsonObject { ["path"] = rootFileSystem, ["readonly"] = true },
        ["process"] = new JsonObject
        {
            ["user"] = new JsonObject { ["uid"] = 65534, ["gid"] = 65534 },
            ["args"] = Strings(["/pause", "pause"]),
            ["cwd"] = "/",
            ["noNewPrivileges"] = true,
            ["capabilities"] = new JsonObject(),
        },
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
            ("credential.helper", GuestProgram + " git-credential"),
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

    private static JsonObject Resources(SandboxResources resources) => new()
    {
        ["cpu"] = new JsonObject
        {
            ["period"] = CpuPeriodMicroseconds,
            ["quota"] = (long)(resources.Cpus * CpuPeriodMicroseconds),
        },
        ["memory"] = new JsonObject { ["limit"] = resources.MemoryBytes },
        ["pids"] = new JsonObject { ["limit"] = resources.Pids },
        ["devices"] = new JsonArray(new JsonObject { ["allow"] = false, ["access"] = "rwm" }),
    };

    private static JsonArray NewNamespaces() =>
        new([.. Namespaces.Select(type => (JsonNode)new JsonObject { ["type"] = type })]);

    private static JsonObject Limit(string type, int value) => new() { ["type"] = type, ["soft"] = value, ["hard"] = value };

    private static JsonObject Mount(string destination, string type, string source, params string[] options) => new()
    {
        ["destination"] = destination,
        ["type"] = type,
        ["source"] = source,
        ["options"] = Strings(options),
    };

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value!)]);
}
