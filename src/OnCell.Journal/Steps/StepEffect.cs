namespace OnCell.Journaling;

/// <summary>
/// What a step does to the world. It decides what happens when an earlier process began the step and its end is not in
/// the journal: the step is then <em>in doubt</em>.
/// </summary>
public enum StepEffect
{
    /// <summary>Nothing: in doubt, it is run again. Only its end is written.</summary>
    Pure = 1,

    /// <summary>It reads: in doubt, it is run again. Only its end is written.</summary>
    Read = 2,

    /// <summary>Doing it twice with the same <see cref="StepExecution.Key"/> does it once: in doubt, it is run again.</summary>
    Idempotent = 3,

    /// <summary>
    /// Someone outside this process holds the effect under the step's key (a command in a sandbox): in doubt, the body
    /// is called with <see cref="StepExecution.InDoubt"/> and the same key, and asks the holder.
    /// </summary>
    Reattach = 4,

    /// <summary>Whether it was done can be asked: in doubt, <see cref="StepSpec{T}.Probe"/> is called first.</summary>
    Verifiable = 5,

    /// <summary>It must not be done twice: in doubt, the run waits for <see cref="DurableJournal.DecideAsync"/>.</summary>
    Unsafe = 6,
}

/// <summary>What follows when a step's body throws <see cref="StepInterruptedException"/>.</summary>
public enum InterruptedRule
{
    /// <summary>Run it again as a new attempt with a new key.</summary>
    RunAgain = 1,

    /// <summary>Ask the step's probe whether the effect is there; if not, run it again.</summary>
    Probe = 2,

    /// <summary>Wait for a person: <see cref="DurableJournal.DecideAsync"/>.</summary>
    Park = 3,
}
