using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling;

/// <summary>Reads a run's log as events: what is stored, then what comes, until the run has ended.</summary>
internal sealed class EventReader(ReaderPool readers, EventHub events)
{
    private const int PageRecords = 256;

    public async IAsyncEnumerable<JournalEvent> ReadAsync(
        RunRow run, long afterSequence, [EnumeratorCancellation] CancellationToken ct)
    {
        // Followed before the first read, so that nothing written in between is missed.
        using var follower = events.Follow(run.No);
        while (true)
        {
            var (page, stopped) = ReadPage(run, afterSequence);
            foreach (var entry in page)
            {
                ct.ThrowIfCancellationRequested();
                afterSequence = entry.Sequence;
                yield return entry;
            }

            if (page.Count == PageRecords)
                continue;
            if (stopped)
                yield break;
            await follower.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Reads what is stored and follows nothing.</summary>
    public IEnumerable<JournalEvent> ReadStored(RunRow run, long afterSequence)
    {
        List<JournalEvent> page;
        do
        {
            (page, _) = ReadPage(run, afterSequence);
            foreach (var entry in page)
                yield return entry;
            afterSequence = page.Count > 0 ? page[^1].Sequence : afterSequence;
        }
        while (page.Count == PageRecords);
    }

    private (List<JournalEvent> Page, bool Stopped) ReadPage(RunRow run, long after)
    {
        using var lease = readers.Rent();

        // The state is read first: a run seen as ended has all its records on the pages read after.
        var state = RunTable.Find(lease.Database, run.Id);
        var stopped = state is null || state.No != run.No || state.HasEnded || state.State == RunState.Diverged;
        using var rows = lease.Database.Prepare(LogReader.EventsSql);
        rows.Bind(1, run.No).Bind(2, after).Bind(3, PageRecords);
        var page = new List<JournalEvent>();
        while (rows.Step())
            page.Add(ToEvent(run, LogReader.ReadEvent(rows)));
        return (page, stopped);
    }

    private static JournalEvent ToEvent(RunRow run, LogRecord record) => new(
        record.Sequence, run.Id, TypeOf(record.Type), record.Position, Payload(run, record), JournalClock.ToTime(record.Time));

    private static string TypeOf(RecordType type) => type switch
    {
        RecordType.RunStarted => JournalEventTypes.RunStarted,
        RecordType.RunResumed => JournalEventTypes.RunResumed,
        RecordType.RunCompleted => JournalEventTypes.RunCompleted,
        RecordType.RunFailed => JournalEventTypes.RunFailed,
        RecordType.RunCancelled => JournalEventTypes.RunCancelled,
        RecordType.RunDiverged => JournalEventTypes.RunDiverged,
        RecordType.RunCancelRequested => JournalEventTypes.RunCancelRequested,
        RecordType.SignalReceived => JournalEventTypes.SignalReceived,
        RecordType.StepStarted => JournalEventTypes.StepStarted,
        RecordType.StepEnded => JournalEventTypes.StepEnded,
        RecordType.StepRetrying => JournalEventTypes.StepRetrying,
        RecordType.StepInterrupted => JournalEventTypes.StepInterrupted,
        RecordType.StepParked => JournalEventTypes.StepParked,
        RecordType.StepDecided => JournalEventTypes.StepDecided,
        _ => throw new JournalCorruptException($"the log has a record of type {(int)type}: use a newer version of this library."),
    };

    private static string Payload(RunRow run, LogRecord record)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (record.IsStep)
                WriteStep(json, record);
            else
                WriteRun(json, run, record);
            if (record.Error is not null)
            {
                json.WritePropertyName("error");
                json.WriteRawValue(record.Error);
            }

            json.WriteNumber("epoch", record.Epoch);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static void WriteStep(Utf8JsonWriter json, LogRecord record)
    {
        json.WriteString("position", record.Position);
        json.WriteString("kind", record.Kind);
        json.WriteString("name", record.Name);
        json.WriteNumber("attempt", record.Attempt);
        if (record.Type == RecordType.StepEnded)
        {
            json.WriteString("state", record.Failed ? "failed" : "completed");
            json.WriteBoolean("reattached", record.Reattached);
        }

        if (record.Started is { } started)
            json.WriteNumber("milliseconds", Math.Max(0, (record.Time - started) / 1_000.0));
        if (record.Due is { } due)
            json.WriteString("nextAttemptAt", JournalClock.ToTime(due));
        if (record.Annotations is not null)
        {
            json.WritePropertyName("annotations");
            json.WriteRawValue(record.Annotations);
        }
    }

    private static void WriteRun(Utf8JsonWriter json, RunRow run, LogRecord record)
    {
        json.WriteString("method", run.Method);
        if (record.Name is not null)
            json.WriteString("name", record.Name);
        if (record.Value is { } value)
        {
            json.WritePropertyName(record.Type == RecordType.RunCompleted ? "result" : "payload");
            json.WriteRawValue(value.Span);
        }
    }
}
