namespace OnCell.Sandboxes;

/// <summary>Settings of <see cref="RunscRuntime"/>.</summary>
public sealed class RunscOptions
{
    /// <summary>Gets or sets the program runsc, by name or path.</summary>
    /// <value>The default is <c>runsc</c>, looked up in PATH and the system folders.</value>
    public string RunscPath { get; set; } = "runsc";

    /// <summary>Gets or sets the folder of run-time state: bundles, mount points, sockets.</summary>
    /// <remarks>
    /// It should be on a tmpfs, must belong to one owner process at a time, and must be short: it carries Unix sockets, whose path ends at 107
    /// bytes. Two runtimes with different folders do not see each other's sandboxes. It is made, and removed by a runtime that is disposed
    /// when no sandbox is left.
    /// </remarks>
    public required string RuntimeRoot { get; set; }

    /// <summary>Gets or sets the guest program.</summary>
    /// <value>The default is <see langword="null"/>: the one that comes with this library, beside the application.</value>
    public string? GuestPath { get; set; }

    /// <summary>Gets or sets gVisor's platform.</summary>
    /// <value>The default is <c>systrap</c>, which works everywhere.</value>
    public string Platform { get; set; } = "systrap";

    /// <summary>Gets or sets the limits of each sandbox's egress proxy, and how it finds addresses.</summary>
    public EgressOptions Egress { get; set; } = new();

    /// <summary>Gets or sets how many booted sandboxes wait for each of the sizes last in use (at most four sizes).</summary>
    /// <value>The default is 0: every start boots its own. Between 0 and 64.</value>
    /// <remarks>A waiting sandbox takes some tens of MB of memory and no processor time. See docs/decisions/0322 for what it gains.</remarks>
    public int WarmPoolSize { get; set; }

    /// <summary>Gets the settings of volumes.</summary>
    public VolumeOptions Volumes { get; } = new();

    /// <summary>Gets or sets how long a sandbox may take from the start of runsc to the guest's first word.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long a guest that runs may take to dial a new owner process.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan AttachTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long a guest may take to end by itself before it is killed.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long a short call of runsc, such as asking for its version, may take.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long writing a checkpoint may take.</summary>
    /// <value>The default is 2 minutes.</value>
    public TimeSpan CheckpointTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
