using System.ComponentModel.DataAnnotations;

namespace OnCell;

/// <summary>Whether agents may be deployed to the running service, and how large they may be.</summary>
public sealed class DeploymentOptions
{
    /// <summary>Gets or sets whether agents may be deployed. They run inside this process, with all its rights.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Enabled { get; set; }

    /// <summary>Gets or sets how large a package may be, in megabytes; unpacked, four times as large.</summary>
    /// <value>The default is 100; 1 to 1,000.</value>
    [Range(1, 1_000)]
    public int MaxPackageMegabytes { get; set; } = 100;

    /// <summary>Gets or sets how many revisions of a package are kept, beside those that an environment or a run needs.</summary>
    /// <value>The default is 10; 1 to 1,000.</value>
    [Range(1, 1_000)]
    public int KeepRevisions { get; set; } = 10;

    internal long MaxPackageBytes => (long)MaxPackageMegabytes << 20;
}
