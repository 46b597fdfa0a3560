namespace OnCell.Journal.Tests.Faults;

/// <summary>What a fault test counted.</summary>
/// <param name="Faults">Kills or power cuts, counted for each journal.</param>
/// <param name="Acknowledged">Steps that were acknowledged.</param>
/// <param name="LostSteps">Steps done again, or gone, after they were acknowledged.</param>
/// <param name="DuplicatedEffects">Effects that must not be done twice and were.</param>
/// <param name="MissingEffects">Effects that were never done.</param>
/// <param name="ChangedKeys">Idempotent steps that were done under more than one key.</param>
/// <param name="WrongRuns">Runs without their end, or with another result.</param>
/// <param name="QuickCheckFailures">Files that fail SQLite's own check.</param>
internal sealed record FaultReport(
    int Faults,
    int Acknowledged,
    int LostSteps,
    int DuplicatedEffects,
    int MissingEffects,
    int ChangedKeys,
    int WrongRuns,
    int QuickCheckFailures)
{
    public bool IsClean => LostSteps + DuplicatedEffects + MissingEffects + ChangedKeys + WrongRuns + QuickCheckFailures == 0;

    public static FaultReport operator +(FaultReport left, FaultReport right) => new(
        left.Faults + right.Faults,
        left.Acknowledged + right.Acknowledged,
        left.LostSteps + right.LostSteps,
        left.DuplicatedEffects + right.DuplicatedEffects,
        left.MissingEffects + right.MissingEffects,
        left.ChangedKeys + right.ChangedKeys,
        left.WrongRuns + right.WrongRuns,
        left.QuickCheckFailures + right.QuickCheckFailures);
}
