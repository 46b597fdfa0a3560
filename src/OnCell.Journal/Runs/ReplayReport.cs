namespace OnCell.Journaling;

/// <summary>What came of executing today's code against a stored run.</summary>
/// <param name="StepsReplayed">Steps whose results were taken from the journal.</param>
/// <param name="ReachedEnd">Whether the code ended; otherwise it asked for a step the run has not come to.</param>
/// <param name="NextPosition">The position of the step at which the history ended; <see langword="null"/> at the end.</param>
/// <param name="Divergence">How code and history differ; <see langword="null"/> when they agree.</param>
public sealed record ReplayReport(int StepsReplayed, bool ReachedEnd, string? NextPosition, string? Divergence)
{
    /// <summary>Gets a value indicating whether the code may take over the run.</summary>
    public bool IsCompatible => Divergence is null;

    /// <summary>Throws the divergence, if there is one: what a test calls.</summary>
    /// <exception cref="RunDivergedException">Code and history differ.</exception>
    public void ThrowIfDiverged()
    {
        if (Divergence is not null)
            throw new RunDivergedException(Divergence, NextPosition ?? "");
    }
}
