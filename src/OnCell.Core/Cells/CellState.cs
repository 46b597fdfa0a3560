namespace OnCell;

/// <summary>Where a cell is in its life.</summary>
public enum CellState
{
    /// <summary>Its image, volume and repository are being made.</summary>
    Creating,

    /// <summary>It runs.</summary>
    Active,

    /// <summary>It is being frozen or stopped.</summary>
    Pausing,

    /// <summary>It is frozen or stopped; any call wakes it.</summary>
    Paused,

    /// <summary>It is being woken.</summary>
    Waking,

    /// <summary>It is being removed.</summary>
    Deleting,

    /// <summary>It could not be made; the reason is kept, and making it may be tried again.</summary>
    Failed,
}

/// <summary>How deeply a cell is paused.</summary>
public enum PauseTier
{
    /// <summary>Its processors are stopped; memory and processes stay. Wakes in milliseconds.</summary>
    Frozen,

    /// <summary>
    /// Its memory and processes are on the disk, its sandbox is ended. Wakes in some hundred milliseconds, and goes on where it
    /// was; only for cells with <see cref="CellSpec.IdleTier"/>.
    /// </summary>
    Checkpointed,

    /// <summary>Its sandbox is ended; only its disk stays. Wakes in about the time of a sandbox's start.</summary>
    Stopped,
}
