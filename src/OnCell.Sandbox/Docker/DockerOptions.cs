using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes;

/// <summary>Settings of <see cref="DockerRuntime"/>.</summary>
public sealed class DockerOptions
{
    /// <summary>Gets or sets the address of the Docker engine. It must run on this host, in its PID namespace.</summary>
    /// <value>The default is <c>unix:///var/run/docker.sock</c>.</value>
    public Uri Endpoint { get; set; } = new("unix:///var/run/docker.sock");

    /// <summary>Gets or sets the name by which gVisor's runsc is registered in the engine's configuration.</summary>
    /// <value>The default is <c>runsc</c>.</value>
    public string Runtime { get; set; } = "runsc";

    /// <summary>Gets or sets whether <see cref="Runtime"/> may be something else than gVisor, such as <c>runc</c>.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    /// <remarks>
    /// Then the host's kernel is all that is between the code in a sandbox and the host. For development on machines without
    /// gVisor: every start logs a warning, and it is refused where <see cref="EnvironmentName"/> is Production.
    /// </remarks>
    public bool AllowUnsafeRuntime { get; set; }

    /// <summary>Gets or sets whether sandboxes may run without a cap on their disk.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    /// <remarks>
    /// A service that is not root cannot make volumes, so nothing caps what its sandboxes write, and their files belong to root.
    /// Such a service cannot start a sandbox unless it says here that this is meant.
    /// </remarks>
    public bool AllowUncappedDisk { get; set; }

    /// <summary>Gets or sets the name of the host environment.</summary>
    /// <value>The default is DOTNET_ENVIRONMENT or ASPNETCORE_ENVIRONMENT, and <c>Production</c> where neither is set.</value>
    public string EnvironmentName { get; set; } =
        Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? "Production";

    /// <summary>Gets or sets the folder of run-time state: mount points, sockets.</summary>
    /// <remarks>As <see cref="RunscOptions.RuntimeRoot"/>: on a tmpfs, of one owner process, short, and of this runtime alone.</remarks>
    public required string RuntimeRoot { get; set; }

    /// <summary>Gets or sets the guest program.</summary>
    /// <value>The default is <see langword="null"/>: the one that comes with this library, beside the application.</value>
    public string? GuestPath { get; set; }

    /// <summary>Gets or sets the limits of each sandbox's egress proxy, and how it finds addresses.</summary>
    public EgressOptions Egress { get; set; } = new();

    /// <summary>Gets the settings of volumes.</summary>
    public VolumeOptions Volumes { get; } = new();

    /// <summary>Gets or sets how long a sandbox may take to start, from the call of the engine to the guest's first word.</summary>
    /// <value>The default is 60 seconds.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how long a guest that runs may take to dial a new owner process.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan AttachTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long a guest may take to end by itself before it is killed.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long one call of the engine may take, starting a container excepted.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long pulling an image may take, and how long saving it.</summary>
    /// <value>The default is 30 minutes.</value>
    public TimeSpan ImageTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets or sets whether the service can make volumes.</summary>
    internal bool CapsDisks { get; set; } = Libc.EffectiveUser() == 0;
}
