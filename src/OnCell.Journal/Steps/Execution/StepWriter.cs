using System.Buffers;
using System.Text.Json;
using OnCell.Journaling.Diagnostics;
using OnCell.Journaling.Steps.History;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling.Steps.Execution;

/// <summary>Writes the records of one step, each durable before the call returns, and folds them into its history.</summary>
internal sealed class StepWriter<T>(JournalRun run, StepSpec<T> spec, StepHistory step, byte[] fingerprint)
{
    private long _started = step.Started;

    private TimeProvider Clock => run.Options.TimeProvider;

    /// <summary>Notes the beginning of an attempt that has no start record.</summary>
    public void BeginUnwritten() => _started = Clock.Micros();

    public Task StartAsync(StepExecution execution)
    {
        _started = Clock.Micros();
        return AppendAsync(new LogRecord
        {
            Type = RecordType.StepStarted,
            Attempt = execution.Attempt,
            Key = execution.Key,
            Due = spec.Delay is { } delay ? (Clock.GetUtcNow() + delay).ToMicros() : null,
        });
    }

    public ReadOnlyMemory<byte> Serialize(T value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        spec.Serializer.Write(value, buffer);
        return buffer.WrittenCount <= run.Options.MaxValueBytes
            ? buffer.WrittenMemory
            : throw new JournalException(
                $"it has {buffer.WrittenCount:N0} bytes and {nameof(JournalOptions.MaxValueBytes)} is {run.Options.MaxValueBytes:N0}");
    }

    public async Task EndAsync(StepExecution execution, ReadOnlyMemory<byte> value)
    {
        var blob = value.Length > run.Options.InlineValueBytes
            ? await run.Store.Blobs.WriteAsync(value).ConfigureAwait(false)
            : null;
        var record = new LogRecord
        {
            Type = RecordType.StepEnded,
            Attempt = execution.Attempt,
            Started = _started,
            Reattached = execution.Reattached,
            Annotations = execution.AnnotationsJson,
            Blob = blob,
            Value = blob is null ? value : null,
        };
        if (blob is not null)
            execution.StageFile(blob);
        await AppendAsync(record, execution.Staged).ConfigureAwait(false);
    }

    public Task FailAsync(StepExecution execution, RunError error) => AppendAsync(new LogRecord
    {
        Type = RecordType.StepEnded,
        Attempt = execution.Attempt,
        Started = _started,
        Failed = true,
        Reattached = execution.Reattached,
        Annotations = execution.AnnotationsJson,
        Error = ToJson(error),
    });

    public Task RetryAsync(StepExecution execution, RunError error, TimeSpan delay) => AppendAsync(new LogRecord
    {
        Type = RecordType.StepRetrying,
        Attempt = execution.Attempt,
        Started = _started,
        Due = (Clock.GetUtcNow() + delay).ToMicros(),
        Error = ToJson(error),
    });

    public Task InterruptAsync(string reason) => AppendAsync(new LogRecord
    {
        Type = RecordType.StepInterrupted,
        Attempt = Math.Max(step.Attempt, 1),
        Error = ToJson(new RunError(typeof(StepInterruptedException).FullName!, reason)),
    });

    public async Task ParkAsync()
    {
        await AppendAsync(new LogRecord { Type = RecordType.StepParked, Attempt = Math.Max(step.Attempt, 1) }).ConfigureAwait(false);
        JournalLog.Parked(run.Options.Logger, run.Id, step.Position, spec.Kind, spec.Name);
    }

    /// <summary>Tells who wants to know that the step waits for a person.</summary>
    public void TellParked() => run.Options.OnParked?.Invoke(run.Id, step.Position, spec.Name, step.Attempt);

    private static string ToJson(RunError error) => JsonSerializer.Serialize(error, JsonContext.Default.RunError);

    private async Task AppendAsync(LogRecord record, IReadOnlyCollection<Action<WriteTransaction, long>>? staged = null)
    {
        var first = step.FirstSequence == 0;
        record = record with
        {
            Position = step.Position,
            Epoch = run.Epoch,
            Time = Clock.Micros(),
            Kind = spec.Kind,
            Name = spec.Name,
            Effect = spec.Effect,
            Fingerprint = first ? fingerprint : null,
            Arguments = first ? StepFingerprint.Describe(spec.Arguments, run.Options.KeptArgumentCharacters) : null,
        };

        // Not cancellable: what was done must be recorded, and a record on its way cannot be called back.
        var sequence = await run.WriteAsync(transaction =>
        {
            var sequence = transaction.Append(run.No, record);
            if (record.Type == RecordType.StepParked)
                RunTable.AddParked(transaction.Database, run.No, 1);
            foreach (var write in staged ?? [])
                write(transaction, sequence);
            return sequence;
        }).ConfigureAwait(false);
        step.Apply(record with { Sequence = sequence });
    }
}
