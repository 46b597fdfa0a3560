namespace OnCell.Client;

/// <summary>A run ended without a result, or waits for a person.</summary>
public sealed class OnCellRunException(Run run)
    : Exception(run.Error?.Message ?? $"The run {run.RunId} is {run.State}.")
{
    /// <summary>Gets the run.</summary>
    public Run Run { get; } = run;
}
