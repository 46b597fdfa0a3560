namespace OnCell.Journaling;

/// <summary>Which ended runs are deleted; open ones never are.</summary>
public sealed record RetentionPolicy
{
    /// <summary>Gets how long an ended run is kept.</summary>
    /// <value>The default is 30 days.</value>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Gets how many ended runs are kept, the newest.</summary>
    /// <value>The default is 10,000.</value>
    public int MaxEndedRuns { get; init; } = 10_000;

    /// <summary>Gets how old a file of a large value is at least before it is swept when no run needs it.</summary>
    /// <value>The default is one hour, longer than any step takes from writing the file to committing its end.</value>
    public TimeSpan ValueFileGrace { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>What an upkeep did.</summary>
/// <param name="RunsDeleted">Runs deleted.</param>
/// <param name="ValueFilesDeleted">Files of large values deleted.</param>
public sealed record RetentionReport(int RunsDeleted, int ValueFilesDeleted);
