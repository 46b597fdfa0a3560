namespace OnCell.Sandboxes;

/// <summary>What one sandbox is made of.</summary>
public sealed record SandboxSpec
{
    /// <summary>Gets the sandbox's id.</summary>
    public required SandboxId Id { get; init; }

    /// <summary>Gets the host folder that holds the sandbox's volume (<c>volume.img</c>, <c>volume/</c>). Made if absent.</summary>
    public required string Folder { get; init; }

    /// <summary>Gets the host folder with the read-only base system; see <see cref="Images.ImageStore"/>.</summary>
    public required string RootFileSystem { get; init; }

    /// <summary>Gets the caps.</summary>
    public SandboxResources Resources { get; init; } = new();

    /// <summary>Gets what the sandbox may reach; by default nothing.</summary>
    public EgressPolicy Egress { get; init; } = EgressPolicy.DenyAll;

    /// <summary>Gets the source of git credentials, asked on the host, or <see langword="null"/> for none.</summary>
    public IGitCredentialProvider? GitCredentials { get; init; }

    /// <summary>Gets files and folders of the host that the sandbox may read: absolute host path by the absolute path inside.</summary>
    /// <remarks>For what is large and shared, such as a model's weights. Whoever names a path here gives the sandbox all that lies there.</remarks>
    public IReadOnlyDictionary<string, string> ReadOnlyMounts { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the graphics processors it wants, or <see langword="null"/> for none.</summary>
    /// <remarks>Such a sandbox boots by itself, and is refused where the host has none of them.</remarks>
    public GpuRequest? Gpu { get; init; }

    /// <summary>Gets whether the sandbox can be checkpointed. It then boots by itself also where a warm pool has one ready.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Checkpoints { get; init; }

    /// <summary>Gets extra environment variables of every command.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the receiver of each egress decision. Called from many threads; must not block.</summary>
    public Action<EgressEvent>? OnEgress { get; init; }
}
