using System.Collections.Concurrent;
using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Steps.History;

/// <summary>The steps of a run by position. Results stay in the file until they are asked for.</summary>
internal sealed class RunHistory
{
    private readonly ConcurrentDictionary<string, StepHistory> _steps = new(StringComparer.Ordinal);

    public int Count => _steps.Count;

    public IEnumerable<StepHistory> Steps => _steps.Values.OrderBy(static step => step.FirstSequence);

    /// <summary>Reads a run's history, or of it one step alone.</summary>
    public static RunHistory Load(SqliteDatabase database, long runNo, string? position = null)
    {
        var history = new RunHistory();
        using var rows = database.Prepare(position is null ? LogReader.HistorySql : LogReader.StepSql);
        rows.Bind(1, runNo);
        if (position is not null)
            rows.Bind(2, position);
        StepHistory? step = null;
        StepHistory? named = null;
        while (rows.Step())
        {
            if (rows.Int32(1) < (int)RecordType.StepStarted)
                continue;

            // Mostly a step's records follow each other.
            var at = rows.Text(2, step?.Position)!;
            if (!ReferenceEquals(at, step?.Position))
                step = history.Get(at);
            var isFirst = step!.FirstSequence == 0;
            var record = LogReader.ReadStep(rows, step.Position, isFirst, (named?.Kind, named?.Name));
            try
            {
                step.Apply(record);
            }
            catch (JournalCorruptException error)
            {
                throw new JournalCorruptException($"run {RunId(database, runNo)} of journal {database.Path}: {error.Message}", error);
            }

            if (isFirst)
                named = step;
        }

        return history;
    }

    public StepHistory? Find(string position) => _steps.GetValueOrDefault(position);

    /// <summary>Returns the step of a position, new or from the journal, as one this execution has come to.</summary>
    public StepHistory Open(string position)
    {
        var step = Get(position);
        step.Consumed = true;
        if (IsSubStep(position))
            Get(position[..position.IndexOf('.', StringComparison.Ordinal)]).HasSubSteps = true;
        return step;
    }

    /// <summary>Forgets a step that has ended and been returned, so that a long run's memory stays flat.</summary>
    /// <remarks>Sub-steps are kept until their parent has ended: a retry of it asks for them again.</remarks>
    public void Close(StepHistory step)
    {
        if (IsSubStep(step.Position))
            return;
        _steps.TryRemove(step.Position, out _);
        if (!step.HasSubSteps)
            return;
        var prefix = step.Position + ".";
        foreach (var position in _steps.Keys.Where(position => position.StartsWith(prefix, StringComparison.Ordinal)))
            _steps.TryRemove(position, out _);
    }

    /// <summary>Returns the steps, in the journal's order, that this execution never came to.</summary>
    /// <remarks>
    /// Sub-steps do not count, since a replayed parent does not ask for its children, nor do the markers of changes, since
    /// code that no longer asks for one takes the changed way.
    /// </remarks>
    /// <param name="inBranches">Whether steps of branches count.</param>
    public IReadOnlyList<StepHistory> Unread(bool inBranches) => [.. Steps.Where(
        step => !step.Consumed && step.FirstSequence > 0 && !IsSubStep(step.Position) && step.Kind != StepScope.PatchKind
            && (inBranches || !step.Position.Contains('/', StringComparison.Ordinal)))];

    private static string? RunId(SqliteDatabase database, long runNo)
    {
        using var row = database.Prepare("SELECT id FROM run WHERE no = ?1");
        return row.Bind(1, runNo).Step() ? row.Text(0) : null;
    }

    private static bool IsSubStep(string position) => position.Contains('.', StringComparison.Ordinal);

    private StepHistory Get(string position) => _steps.GetOrAdd(position, static at => new StepHistory(at));
}
