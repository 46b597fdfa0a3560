using OnCell.Journaling.Storage;

namespace OnCell.Journaling.Steps.History;

/// <summary>What the last record of a step says is next.</summary>
internal enum StepTail
{
    /// <summary>No attempt yet.</summary>
    None,

    /// <summary>An attempt began. Read from the journal it is in doubt.</summary>
    Started,

    /// <summary>An attempt ended and another is to follow at a stored time.</summary>
    Retrying,

    /// <summary>An attempt was lost by its holder, or a person said to run it again.</summary>
    Interrupted,

    /// <summary>A person is asked.</summary>
    Parked,

    /// <summary>The result is in the journal.</summary>
    Completed,

    /// <summary>The error is in the journal.</summary>
    Failed,
}

/// <summary>A step folded from its records, in the journal's order; the same fold serves replay, listing and live steps.</summary>
/// <remarks>Histories are long, so a step is one object: it is its own lock.</remarks>
internal sealed class StepHistory(string position)
{
    private TaskCompletionSource? _decided;

    public string Position { get; } = position;

    public string Kind { get; private set; } = "";

    public string Name { get; private set; } = "";

    public StepEffect Effect { get; private set; }

    public byte[]? Fingerprint { get; private set; }

    public long FirstSequence { get; private set; }

    public long LastSequence { get; private set; }

    public StepTail Tail { get; private set; }

    public int Attempt { get; private set; }

    public int Interruptions { get; private set; }

    /// <summary>Gets the key of the attempt, when it was begun by this execution.</summary>
    public string? Key { get; private set; }

    public long Started { get; private set; }

    public long? Due { get; private set; }

    public long? Ended { get; private set; }

    public long Epoch { get; private set; }

    public bool Reattached { get; private set; }

    public string? Error { get; private set; }

    public string? Annotations { get; private set; }

    /// <summary>Gets or sets a value indicating whether this execution has come to the step.</summary>
    public bool Consumed { get; set; }

    /// <summary>Gets or sets a value indicating whether this execution has come to steps of the step.</summary>
    public bool HasSubSteps { get; set; }

    public bool HasEnded => Tail is StepTail.Completed or StepTail.Failed;

    /// <summary>Adds the step's next record; one already added is ignored.</summary>
    public void Apply(in LogRecord record)
    {
        lock (this)
        {
            if (record.Sequence <= LastSequence)
                return;
            if (HasEnded)
            {
                throw new JournalCorruptException(
                    $"step {Position} ended with record {LastSequence} and goes on with record {record.Sequence}: restore a backup.");
            }

            if (LastSequence == 0)
                FirstSequence = record.Sequence;
            LastSequence = record.Sequence;
            if (Kind.Length == 0 && record.Kind is not null)
                (Kind, Name, Effect, Fingerprint) = (record.Kind, record.Name!, record.Effect, record.Fingerprint);
            Attempt = record.Attempt;
            Epoch = record.Epoch;
            Key = record.Key ?? Key;
            Error = record.Error ?? Error;
            Due = record.Due;
            Move(record);
            _decided?.TrySetResult();
            _decided = null;
        }
    }

    /// <summary>Completes once a record follows the parking.</summary>
    public Task DecidedAsync(CancellationToken ct)
    {
        lock (this)
        {
            if (Tail != StepTail.Parked)
                return Task.CompletedTask;
            _decided ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _decided.Task.WaitAsync(ct);
        }
    }

    private void Move(in LogRecord record)
    {
        switch (record.Type)
        {
            case RecordType.StepStarted:
                Tail = StepTail.Started;
                Started = record.Time;
                break;
            case RecordType.StepRetrying:
                Tail = StepTail.Retrying;
                Started = record.Started ?? record.Time;
                break;
            case RecordType.StepInterrupted:
                Tail = StepTail.Interrupted;
                Interruptions++;
                break;
            case RecordType.StepParked:
                Tail = StepTail.Parked;
                break;
            case RecordType.StepDecided:
                Tail = StepTail.Interrupted;
                break;
            case RecordType.StepEnded:
                Tail = record.Failed ? StepTail.Failed : StepTail.Completed;
                Started = record.Started ?? record.Time;
                Ended = record.Time;
                Reattached = record.Reattached;
                Annotations = record.Annotations;
                break;
            default:
                throw new JournalCorruptException(
                    $"record {record.Sequence} has type {(int)record.Type}, which is not one of a step: use a newer version.");
        }
    }
}
