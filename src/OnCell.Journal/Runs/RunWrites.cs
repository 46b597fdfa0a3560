using System.Text;
using System.Text.Json;
using OnCell.Journaling.Steps.History;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling.Runs;

/// <summary>The writes that concern a run as a whole. Each checks before it changes anything.</summary>
internal static class RunWrites
{
    private const long MaxWaitingSignals = 10_000;

    public static (RunRow Row, bool Created) Start(WriteTransaction write, RunStart start, long now)
    {
        if (RunTable.Find(write.Database, start.Id) is { } found)
        {
            if (found.Method == start.Method && found.Input == start.InputJson)
                return (found, false);
            throw new RunConflictException(
                $"run {start.Id} was started before as {found.Method} with another input: use a new id, or the input it has.");
        }

        var no = RunTable.Insert(write.Database, start, now, parent: null);
        write.Append(no, new LogRecord { Type = RecordType.RunStarted, Epoch = 1, Time = now });
        return (RunTable.Get(write.Database, start.Id), true);
    }

    public static RunRow Claim(WriteTransaction write, string runId, long now)
    {
        var row = RunTable.Get(write.Database, runId);
        if (row.HasEnded)
            throw new RunConflictException($"run {runId} has ended ({row.State}): there is nothing to resume.");
        var claimed = row with { Epoch = row.Epoch + 1, State = RunState.Running };
        RunTable.Claim(write.Database, row.No, claimed.Epoch);
        write.Append(row.No, new LogRecord { Type = RecordType.RunResumed, Epoch = claimed.Epoch, Time = now });
        return claimed;
    }

    public static RunRow? Cancel(WriteTransaction write, string runId, long now, Func<long, bool> isLive)
    {
        var row = RunTable.Get(write.Database, runId);
        if (row.HasEnded)
            return null;
        if (!row.CancelRequested)
        {
            RunTable.RequestCancel(write.Database, row.No);
            write.Append(row.No, new LogRecord { Type = RecordType.RunCancelRequested, Epoch = row.Epoch, Time = now });
        }

        if (!isLive(row.No))
        {
            var sequence = write.Append(row.No, new LogRecord { Type = RecordType.RunCancelled, Epoch = row.Epoch, Time = now });
            RunTable.End(write.Database, row.No, RunState.Cancelled, now, sequence);
        }

        return row;
    }

    public static bool Signal(WriteTransaction write, string runId, string name, string payload, string? id, long now)
    {
        var row = RunTable.Get(write.Database, runId);
        if (row.HasEnded)
            throw new RunConflictException($"run {runId} has ended ({row.State}): nobody waits for signal {name} any more.");
        if (SignalTable.CountWaiting(write.Database, row.No) >= MaxWaitingSignals)
        {
            throw new RunConflictException(
                $"run {runId} has {MaxWaitingSignals:N0} signals that no step has taken: it waits for others, or someone sends too many.");
        }

        if (!SignalTable.Add(write.Database, row.No, name, id, payload, now))
            return false;
        write.Append(row.No, new LogRecord { Type = RecordType.SignalReceived, Name = name, Epoch = row.Epoch, Time = now });
        return true;
    }

    public static (long RunNo, LogRecord Record) Decide(
        WriteTransaction write, string runId, string position, StepDecision decision, long now)
    {
        var row = RunTable.Get(write.Database, runId);
        var step = RunHistory.Load(write.Database, row.No, position).Find(position);
        if (step is not { Tail: StepTail.Parked } || row.HasEnded)
        {
            throw new RunConflictException(
                $"run {runId} step {position} does not wait for a decision: list its steps and look for NeedsDecision.");
        }

        var record = Decided(step, decision) with { Epoch = row.Epoch, Time = now };
        var sequence = write.Append(row.No, record);
        RunTable.AddParked(write.Database, row.No, -1);
        return (row.No, record with { Sequence = sequence });
    }

    private static LogRecord Decided(StepHistory step, StepDecision decision)
    {
        var record = new LogRecord
        {
            Type = RecordType.StepEnded,
            Position = step.Position,
            Attempt = step.Attempt,
            Kind = step.Kind,
            Name = step.Name,
            Effect = step.Effect,
            Started = step.Started,
            Annotations = """{"decided":"by a person"}""",
        };
        return decision switch
        {
            StepDecision.RunAgain => record with { Type = RecordType.StepDecided },
            StepDecision.Skip skip => record with { Value = Encoding.UTF8.GetBytes(skip.ResultJson) },
            StepDecision.Fail fail => record with
            {
                Failed = true,
                Error = JsonSerializer.Serialize(new RunError("decision", fail.Message), JsonContext.Default.RunError),
            },
            _ => throw new ArgumentException($"{decision.GetType()} is not a decision.", nameof(decision)),
        };
    }
}
