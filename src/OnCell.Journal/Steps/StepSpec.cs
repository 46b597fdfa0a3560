namespace OnCell.Journaling;

/// <summary>A step: what it is, what it does to the world, and how it is done.</summary>
/// <typeparam name="T">The type of the result, kept in the journal by <see cref="Serializer"/>.</typeparam>
public sealed record StepSpec<T>
{
    /// <summary>Gets the sort of step, such as <c>shell</c> or <c>llm</c>; 1 to 64 characters, part of the fingerprint.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets the name shown to people; 1 to 1,024 characters, part of the fingerprint.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the arguments in any order; those not volatile are part of the fingerprint.</summary>
    /// <value>The default is none.</value>
    public IReadOnlyList<StepArgument> Arguments { get; init; } = [];

    /// <summary>Gets what the step does to the world.</summary>
    public required StepEffect Effect { get; init; }

    /// <summary>Gets what does the step. It is not called when the journal holds the result.</summary>
    public required Func<StepExecution, CancellationToken, Task<T>> Body { get; init; }

    /// <summary>
    /// Gets what tells whether the effect is there already; required for <see cref="StepEffect.Verifiable"/> and for
    /// <see cref="InterruptedRule.Probe"/>.
    /// </summary>
    public Func<StepExecution, CancellationToken, Task<ProbeResult<T>>>? Probe { get; init; }

    /// <summary>Gets how the result is written to and read from the journal.</summary>
    /// <value>The default is System.Text.Json with its web defaults.</value>
    /// <remarks>The caller gets the result as read back, so a live and a replayed step return the same.</remarks>
    public IStepSerializer<T> Serializer { get; init; } = StepSerializer.Json<T>();

    /// <summary>Gets when a failed body is tried again.</summary>
    /// <value>The default is <see langword="null"/>: the first failure ends the step.</value>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Gets what follows a <see cref="StepInterruptedException"/>.</summary>
    /// <value>
    /// The default is <see langword="null"/>, by the effect: Unsafe parks, Verifiable probes, every other runs again.
    /// </value>
    public InterruptedRule? WhenInterrupted { get; init; }

    /// <summary>Gets the place in the code that asks for the step, such as <c>CodingAgent.cs:42</c>, for diagnosis.</summary>
    /// <value>The default is <see langword="null"/>: a diverged run looks for it on the stack of the call.</value>
    public string? Source { get; init; }

    /// <summary>
    /// Gets what is called in place of each wait of the step, for a person's decision or for its next attempt, and awaits
    /// that wait: so that what the caller holds for the step can be lent to others meanwhile.
    /// </summary>
    /// <value>The default is <see langword="null"/>: the step just waits.</value>
    /// <remarks>What it throws is thrown to the caller and is no failure of the step, which stays as the journal has it.</remarks>
    public Func<Func<Task>, Task>? AroundWait { get; init; }

    /// <summary>Gets how long after the start's commit the step is due; the time is stored with the start.</summary>
    internal TimeSpan? Delay { get; init; }

    internal InterruptedRule InterruptedRule => WhenInterrupted ?? Effect switch
    {
        StepEffect.Unsafe => InterruptedRule.Park,
        StepEffect.Verifiable => InterruptedRule.Probe,
        _ => InterruptedRule.RunAgain,
    };
}
