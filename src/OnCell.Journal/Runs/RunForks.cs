using OnCell.Journaling.Steps.History;
using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Runs;

/// <summary>Makes runs that share the beginning of another's history.</summary>
internal static class RunForks
{
    /// <summary>Starts a run whose history is that of another up to a step, which it does not touch.</summary>
    public static void Fork(WriteTransaction write, RunRow parent, string newId, string beforePosition, long now)
    {
        if (RunTable.Find(write.Database, newId) is not null)
            throw new RunConflictException($"run {newId} exists already: fork {parent.Id} under an id of its own.");
        CopyHistory(write, parent, newId, ListKept(write.Database, parent, beforePosition), now);
    }

    /// <summary>Starts a run anew from a step, under its id; what it was stays under another.</summary>
    /// <returns>The id of what the run was.</returns>
    public static string Reset(WriteTransaction write, RunRow row, string beforePosition, long now)
    {
        var kept = ListKept(write.Database, row, beforePosition);
        var oldId = $"{row.Id}~{row.Incarnation}";
        if (!row.HasEnded)
        {
            var end = write.Append(row.No, new LogRecord { Type = RecordType.RunCancelled, Epoch = row.Epoch, Time = now });
            RunTable.End(write.Database, row.No, RunState.Cancelled, now, end);
        }

        RunTable.Rename(write.Database, row.No, oldId);
        var no = CopyHistory(write, row with { Id = oldId }, row.Id, kept, now);

        // Signals were sent to the id, so they are the new run's: what a step took that is done anew waits again.
        SignalTable.Move(write.Database, row.No, no);
        return oldId;
    }

    private static long CopyHistory(WriteTransaction write, RunRow parent, string newId, List<StepHistory> kept, long now)
    {
        var start = new RunStart(newId, parent.Method, parent.Input, parent.CodeVersion);
        var no = RunTable.Insert(write.Database, start, now, parent);
        write.Append(no, new LogRecord { Type = RecordType.RunStarted, Name = $"from {parent.Id}", Epoch = 1, Time = now });
        write.CopySteps(parent.No, kept.Select(static step => step.Position), no);

        // All of the parent's files, since a kept step's result may name one that KeepAsync stored.
        BlobTable.Copy(write.Database, parent.No, no);
        return no;
    }

    /// <summary>
    /// Lists what had begun before the step and has ended; what was in doubt is the other run's. The steps around a sub-step
    /// are done anew with it, but its finished siblings are kept.
    /// </summary>
    private static List<StepHistory> ListKept(SqliteDatabase database, RunRow row, string beforePosition)
    {
        var history = RunHistory.Load(database, row.No);
        var at = history.Find(beforePosition)
            ?? throw new RunConflictException($"run {row.Id} has no step {beforePosition}: list its steps for their positions.");
        return [.. history.Steps.Where(step => step.FirstSequence < at.FirstSequence && step.HasEnded
            && !beforePosition.StartsWith(step.Position + ".", StringComparison.Ordinal))];
    }
}
