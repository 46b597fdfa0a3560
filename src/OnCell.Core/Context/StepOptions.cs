using OnCell.Journaling;

namespace OnCell;

/// <summary>How an own step runs: <see cref="CellContext.StepAsync{T}"/>.</summary>
/// <typeparam name="T">The type of the step's result.</typeparam>
public sealed record StepOptions<T>
{
    /// <summary>Gets what the step is called with. Code that asks with other arguments after a crash is stopped, not believed.</summary>
    /// <value>The default is none.</value>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets what tells whether the effect is there already; required for <see cref="StepEffect.Verifiable"/>.</summary>
    public Func<StepExecution, CancellationToken, Task<ProbeResult<T>>>? Probe { get; init; }

    /// <summary>Gets when a failed body is tried again.</summary>
    /// <value>The default is <see langword="null"/>: the first failure ends the step.</value>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Gets how long one attempt may take; its token is cancelled then, and the attempt has failed.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}
