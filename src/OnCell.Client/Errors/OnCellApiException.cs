using System.Net;

namespace OnCell.Client;

/// <summary>The service refused or failed a call, and said why.</summary>
public sealed class OnCellApiException(HttpStatusCode status, string title, string detail, string? instance = null, string? field = null)
    : Exception(detail)
{
    /// <summary>Gets the HTTP status.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>Gets what kind of failure it is, in a few words.</summary>
    public string Title { get; } = title;

    /// <summary>Gets the path of the thing that it is about, such as a run's; or <see langword="null"/>.</summary>
    public string? Instance { get; } = instance;

    /// <summary>Gets the field of the request that is wrong, where the service named one.</summary>
    public string? Field { get; } = field;
}

/// <summary>No answer came: the address is wrong, the service is down, or it took too long.</summary>
public sealed class OnCellUnreachableException(string message, Exception? innerException = null) : Exception(message, innerException);
