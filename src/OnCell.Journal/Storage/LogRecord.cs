namespace OnCell.Journaling.Storage;

/// <summary>What a row of the log says. The numbers are stored: never re-use one.</summary>
internal enum RecordType
{
    RunStarted = 1,
    RunResumed = 2,
    RunCompleted = 3,
    RunFailed = 4,
    RunCancelled = 5,
    RunDiverged = 6,
    RunCancelRequested = 7,
    SignalReceived = 8,
    StepStarted = 10,
    StepEnded = 11,
    StepRetrying = 12,
    StepInterrupted = 13,
    StepParked = 14,
    StepDecided = 15,
}

/// <summary>One row of the log. Times are microseconds since 1970, UTC.</summary>
internal readonly record struct LogRecord()
{
    public long Sequence { get; init; }

    public required RecordType Type { get; init; }

    /// <summary>Gets the step's position; empty for records of the run.</summary>
    public string Position { get; init; } = "";

    public int Attempt { get; init; }

    public long Epoch { get; init; }

    public long Time { get; init; }

    /// <summary>Gets when the attempt began.</summary>
    public long? Started { get; init; }

    /// <summary>Gets when a step that waits goes on.</summary>
    public long? Due { get; init; }

    public StepEffect Effect { get; init; }

    /// <summary>Gets a value indicating whether an end is a failure.</summary>
    public bool Failed { get; init; }

    public bool Reattached { get; init; }

    public byte[]? Fingerprint { get; init; }

    public string? Kind { get; init; }

    public string? Name { get; init; }

    /// <summary>Gets the key the attempt's effect is held under.</summary>
    public string? Key { get; init; }

    /// <summary>Gets a <see cref="RunError"/> as JSON.</summary>
    public string? Error { get; init; }

    public string? Annotations { get; init; }

    /// <summary>Gets the canonical arguments, cut, for people to compare.</summary>
    public string? Arguments { get; init; }

    /// <summary>Gets the name of the file a large value is in.</summary>
    public string? Blob { get; init; }

    /// <summary>Gets the serialized result; <see langword="null"/> when there is none or it is in a file.</summary>
    public ReadOnlyMemory<byte>? Value { get; init; }

    public bool IsStep => Type >= RecordType.StepStarted;

    public bool IsRunEnd => Type is RecordType.RunCompleted or RecordType.RunFailed or RecordType.RunCancelled;
}
