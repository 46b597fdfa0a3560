namespace OnCell.Sandboxes;

/// <summary>How a command ended.</summary>
public enum ExecOutcome
{
    /// <summary>It exited by itself.</summary>
    Exited,

    /// <summary>A signal ended it.</summary>
    Signaled,

    /// <summary>It ran longer than <see cref="ExecSpec.Timeout"/> and was killed.</summary>
    TimedOut,

    /// <summary>It was silent longer than <see cref="ExecSpec.NoOutputTimeout"/> and was killed.</summary>
    NoOutputTimedOut,

    /// <summary>It could not be started: no such program, no such folder.</summary>
    FailedToStart,

    /// <summary>It had begun under this key, and the sandbox died before it ended. It was not run again.</summary>
    Interrupted,
}

/// <summary>What a command left behind.</summary>
public sealed record ExecResult
{
    /// <summary>Gets how it ended.</summary>
    public required ExecOutcome Outcome { get; init; }

    /// <summary>Gets the exit code; 128 + the signal's number where a signal ended it; -1 where it never ran or was interrupted.</summary>
    public required int ExitCode { get; init; }

    /// <summary>Gets the kept standard output.</summary>
    public required byte[] Stdout { get; init; }

    /// <summary>Gets the kept standard error.</summary>
    public required byte[] Stderr { get; init; }

    /// <summary>Gets how many bytes of standard output are left out between the kept head and tail.</summary>
    public long StdoutOmitted { get; init; }

    /// <summary>Gets how many bytes of standard error are left out between the kept head and tail.</summary>
    public long StderrOmitted { get; init; }

    /// <summary>Gets how long it ran in the sandbox.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets whether the command had been started by an earlier call with the same key.</summary>
    public bool Reattached { get; init; }

    /// <summary>Gets the reason where <see cref="Outcome"/> is <see cref="ExecOutcome.FailedToStart"/>.</summary>
    public string? Error { get; init; }
}

/// <summary>A piece of output as it comes.</summary>
/// <param name="IsError">Whether it is standard error.</param>
/// <param name="Data">The bytes; valid only during the call.</param>
public readonly record struct ExecOutput(bool IsError, ReadOnlyMemory<byte> Data);

/// <summary>A key that the guest knows.</summary>
/// <param name="Key">The key.</param>
/// <param name="State">What is known of it.</param>
public sealed record ExecInfo(string Key, ExecState State);

/// <summary>What the guest knows of a key.</summary>
public enum ExecState
{
    /// <summary>Nothing was ever started under it.</summary>
    Unknown,

    /// <summary>Its command runs.</summary>
    Running,

    /// <summary>Its command ended and the result is kept.</summary>
    Finished,

    /// <summary>Its command began and the sandbox died before it ended.</summary>
    Interrupted,
}
