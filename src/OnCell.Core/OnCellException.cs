namespace OnCell;

/// <summary>What went wrong, in a form that programs can tell apart. Each maps to one HTTP status.</summary>
public enum OnCellError
{
    /// <summary>The request itself is wrong: an id, a size, a name, an input.</summary>
    Invalid,

    /// <summary>The thing named does not exist.</summary>
    NotFound,

    /// <summary>The thing is in a state that does not allow this.</summary>
    Conflict,

    /// <summary>The service's operator has not allowed it.</summary>
    Forbidden,

    /// <summary>A limit is reached; try again later.</summary>
    Busy,

    /// <summary>This process does not own the data root (yet), or shuts down.</summary>
    Unavailable,

    /// <summary>The host or something outside failed.</summary>
    Failed,
}

/// <summary>The base of OnCell's errors. The message says what is wrong, where, and what to do; it never carries a secret.</summary>
public class OnCellException(OnCellError error, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Gets the kind of error.</summary>
    public OnCellError Error { get; } = error;

    /// <summary>Gets the name of the part of the request that is wrong, such as <c>config.repoUrl</c>, where it is one part.</summary>
    public string? Field { get; init; }

    /// <summary>Gets how long to wait before the same call may succeed, where that is known: for <see cref="OnCellError.Busy"/>.</summary>
    /// <remarks>Over HTTP it is the header <c>Retry-After</c>.</remarks>
    public TimeSpan? RetryAfter { get; init; }
}
