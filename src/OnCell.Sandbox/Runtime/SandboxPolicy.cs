namespace OnCell.Sandboxes.Runtime;

/// <summary>One folder or file of the host that a sandbox sees.</summary>
/// <param name="Source">The host's path.</param>
/// <param name="Target">Where the sandbox sees it.</param>
/// <param name="Writable">Whether it may write there.</param>
/// <param name="Executable">Whether programs there may be run.</param>
internal sealed record SandboxBind(string Source, string Target, bool Writable, bool Executable);

/// <summary>
/// What holds a sandbox, whichever runtime makes it. The only home of these values: <see cref="OciSpecBuilder"/> turns them
/// into runsc's configuration.
/// </summary>
internal static class SandboxPolicy
{
    internal const string GuestProgram = "/oncell/oncell-guest";

    // One for all: a cell that moves into a pooled sandbox keeps the name that was set at its boot.
    internal const string HostName = "cell";

    internal const int CpuPeriodMicroseconds = 100_000;
    internal const int OpenFiles = 65_536;

    // What package managers and servers need of root inside the sandbox. Not among them, on purpose: mknod, mount
    // (SYS_ADMIN), raw sockets, ptrace of strangers, modules, time, and chroot.
    private static readonly (string Name, int Number)[] Kept =
    [
        ("CAP_CHOWN", 0), ("CAP_DAC_OVERRIDE", 1), ("CAP_FOWNER", 3), ("CAP_FSETID", 4), ("CAP_KILL", 5), ("CAP_SETGID", 6),
        ("CAP_SETUID", 7), ("CAP_SETPCAP", 8), ("CAP_NET_BIND_SERVICE", 10),
    ];

    internal static readonly string[] Capabilities = [.. Kept.Select(capability => capability.Name)];

    /// <summary>The same, each a bit.</summary>
    internal static readonly long CapabilityBits = Kept.Aggregate(0L, (bits, capability) => bits | 1L << capability.Number);

    /// <summary>The first process of a cell.</summary>
    internal static readonly string[] GuestCommand = [GuestProgram, "init"];

    internal static readonly string[] MaskedPaths =
    [
        "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
        "/proc/timer_list", "/proc/timer_stats", "/sys/firmware",
    ];

    internal static readonly string[] ReadonlyPaths =
        ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <summary>Gets the folders that a sandbox sees beside its root.</summary>
    internal static IReadOnlyList<SandboxBind> Binds(SandboxSpec spec, SandboxPaths paths) =>
    [
        new(paths.Work, "/work", Writable: true, Executable: true),
        new(paths.Temporary, "/tmp", Writable: true, Executable: true), // runsc would put it in memory
        new(paths.GuestRecords, "/var/lib/oncell", Writable: true, Executable: false),
        new(paths.Sockets, "/run/oncell", Writable: false, Executable: false),
        new(paths.GuestProgram, GuestProgram, Writable: false, Executable: true),
        .. spec.ReadOnlyMounts.OrderBy(mount => mount.Key, StringComparer.Ordinal)
            .Select(mount => new SandboxBind(mount.Value, mount.Key, Writable: false, Executable: false)),
    ];

    /// <summary>Gets the processor time of each period that a sandbox may use, in microseconds.</summary>
    internal static long CpuQuota(SandboxResources resources) => (long)(resources.Cpus * CpuPeriodMicroseconds);

    /// <summary>Gets the size of <c>/dev/shm</c>, which counts as memory.</summary>
    internal static long SharedMemoryBytes(SandboxResources resources) => resources.MemoryBytes / 4;

    /// <summary>Gets runsc's own arguments that decide what a sandbox may do.</summary>
    internal static IReadOnlyList<string> RunscArguments(string platform) =>
    [
        "--network=none",     // no network device; the only ways out are the sockets in /run/oncell
        "--host-uds=open",    // a sandbox may connect to those sockets, not make host-visible ones
        $"--platform={platform}",
        "--overlay2=none",    // the root's writable layer is on the volume, by the host's overlayfs
        "--file-access-mounts=exclusive", // nobody else writes there, so gVisor need not ask; see docs/decisions/0320
        "--cpu-num-from-quota",
    ];
}
