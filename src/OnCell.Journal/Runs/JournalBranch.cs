namespace OnCell.Journaling;

/// <summary>A sequence of steps with a counter of its own inside a run.</summary>
public sealed class JournalBranch : StepScope
{
    internal JournalBranch(JournalRun run, string prefix)
        : base(prefix) => Run = run;

    internal override JournalRun Run { get; }
}
