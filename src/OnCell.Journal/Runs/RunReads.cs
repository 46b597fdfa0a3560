using System.Collections.ObjectModel;
using System.Text.Json;
using OnCell.Journaling.Steps.Execution;
using OnCell.Journaling.Steps.History;
using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Runs;

/// <summary>Makes what people see of runs and steps from the rows of the journal.</summary>
internal static class RunReads
{
    public static RunInfo? Find(ReaderPool readers, string runId)
    {
        using var lease = readers.RentSnapshot();
        return RunTable.Find(lease.Database, runId) is { } row ? Info(lease.Database, row) : null;
    }

    public static IReadOnlyList<RunInfo> List(ReaderPool readers, RunFilter? filter)
    {
        using var lease = readers.RentSnapshot();
        return [.. RunTable.List(lease.Database, filter ?? new RunFilter()).Select(row => Info(lease.Database, row))];
    }

    public static long CountOpen(ReaderPool readers)
    {
        using var lease = readers.Rent();
        return lease.Database.Scalar("SELECT count(*) FROM run WHERE state < 3");
    }

    public static RunRow Row(ReaderPool readers, string runId)
    {
        using var lease = readers.Rent();
        return RunTable.Get(lease.Database, runId);
    }

    public static IReadOnlyList<StepInfo> Steps(ReaderPool readers, string runId)
    {
        using var lease = readers.RentSnapshot();
        return [.. RunHistory.Load(lease.Database, RunTable.Get(lease.Database, runId).No).Steps.Select(Step)];
    }

    private static RunInfo Info(SqliteDatabase database, RunRow row)
    {
        var (result, error) = row.EndSequence is { } sequence && row.State >= RunState.Diverged
            ? End(database, sequence)
            : (null, null);
        return new RunInfo(
            row.Id,
            row.Method,
            row.Input,
            row.CodeVersion,
            row.ShownState,
            row.Epoch,
            JournalClock.ToTime(row.Created),
            row.Ended is { } ended ? JournalClock.ToTime(ended) : null,
            result,
            error,
            row.CancelRequested,
            row.ForkedFrom);
    }

    public static string? StepResult(ReaderPool readers, string runId, string position)
    {
        using var lease = readers.RentSnapshot();
        return RunHistory.Load(lease.Database, RunTable.Get(lease.Database, runId).No).Steps
            .FirstOrDefault(s => s.Position == position) is { Tail: StepTail.Completed } step
            ? LogReader.ValueText(lease.Database, step.LastSequence)
            : null;
    }

    private static (string? Result, RunError? Error) End(SqliteDatabase database, long sequence)
    {
        using var row = database.Prepare("SELECT error FROM log WHERE seq = ?1");
        var error = row.Bind(1, sequence).Step() && row.Text(0) is { } json
            ? JsonSerializer.Deserialize(json, JsonContext.Default.RunError)
            : null;
        return (LogReader.ValueText(database, sequence), error);
    }

    private static StepInfo Step(StepHistory step) => new(
        step.Position,
        step.Kind,
        step.Name,
        step.Effect,
        step.Attempt,
        step.Tail switch
        {
            StepTail.Completed => StepState.Completed,
            StepTail.Failed => StepState.Failed,
            StepTail.Parked => StepState.NeedsDecision,
            _ => StepState.Started,
        },
        JournalClock.ToTime(step.Started),
        step.Ended is { } ended ? JournalClock.ToTime(ended) : null,
        step.Epoch,
        step.Reattached,
        step.Annotations is { } json
            ? JsonSerializer.Deserialize(json, JsonContext.Default.DictionaryStringString)!
            : ReadOnlyDictionary<string, string>.Empty,
        step.Error is null || step.Tail == StepTail.Completed ? null : StepRules.ErrorOf(step),
        step.Due is { } due ? JournalClock.ToTime(due) : null);
}
