namespace OnCell.Journaling;

/// <summary>Which runs are listed, newest first.</summary>
public sealed record RunFilter
{
    /// <summary>Gets the filter of the runs that a restarted service resumes.</summary>
    public static RunFilter Open { get; } = new() { OpenOnly = true, Limit = int.MaxValue };

    /// <summary>Gets a value indicating whether only runs that are to be resumed are listed.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool OpenOnly { get; init; }

    /// <summary>Gets the state the runs are in; <see langword="null"/> for any.</summary>
    public RunState? State { get; init; }

    /// <summary>Gets the method of the runs; <see langword="null"/> for any.</summary>
    public string? Method { get; init; }

    /// <summary>Gets the id of the run that the listed ones are older than: the last of the page before; <see langword="null"/> for the newest.</summary>
    public string? OlderThan { get; init; }

    /// <summary>Gets the time at which or after which the runs were made; <see langword="null"/> for any.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Gets the time before which the runs were made; <see langword="null"/> for any.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Gets how many runs are listed at most.</summary>
    /// <value>The default is 1,000.</value>
    public int Limit { get; init; } = 1_000;
}
