using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling;

/// <summary>How a journal is opened.</summary>
public sealed record JournalOptions
{
    /// <summary>Gets how long opening waits for another process to let go of the file.</summary>
    /// <value>The default is two seconds.</value>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets how large a value is kept in the database; a larger one becomes a file beside it. In bytes.</summary>
    /// <value>The default is 64 KiB.</value>
    public int InlineValueBytes { get; init; } = 64 * 1024;

    /// <summary>Gets how large the result of one step may be, in bytes.</summary>
    /// <value>The default is 256 MiB.</value>
    public long MaxValueBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Gets how many characters of a step's arguments are kept for people to read.</summary>
    /// <value>The default is 4,096. The fingerprint covers all of them.</value>
    public int KeptArgumentCharacters { get; init; } = 4_096;

    /// <summary>
    /// Gets what removes secrets from the names, kept arguments, annotations and errors of steps before they are written.
    /// Results are the serializer's.
    /// </summary>
    /// <value>The default is <see langword="null"/>: they are written as they are. The fingerprint covers what was asked for.</value>
    public Func<string, string>? Redact { get; init; }

    /// <summary>Gets how often a step is run again after <see cref="StepInterruptedException"/> before it fails.</summary>
    /// <value>The default is 8.</value>
    public int MaxInterruptions { get; init; } = 8;

    /// <summary>Gets how many writes may wait for the writer; callers beyond that wait for room.</summary>
    /// <value>The default is 8,192.</value>
    public int MaxQueuedWrites { get; init; } = 8_192;

    /// <summary>Gets the clock.</summary>
    /// <value>The default is the system's.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets where the journal logs. Inputs, results and arguments are never logged.</summary>
    /// <value>The default is nowhere.</value>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Gets what is told that a step waits for a person's decision: the run, the step's position, its name and its attempt, from 1.</summary>
    /// <value>The default is <see langword="null"/>. It must not block; it is told again when the run is resumed and the step still waits.</value>
    public Action<string, string, string, int>? OnParked { get; init; }

    /// <summary>Gets what a fault test sets to lose power, run out of disk, or stop at a point of the protocol.</summary>
    internal StorageFaults Faults { get; init; } = StorageFaults.None;
}
