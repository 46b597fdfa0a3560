using OnCell.Journaling.Runs;
using OnCell.Journaling.Storage;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling;

/// <summary>
/// Reads a journal that cannot or must not be opened: because a process has it open, the disk is full or read-only, a newer
/// version of this library wrote it, or part of it is damaged. It writes nothing and takes no lock.
/// </summary>
public sealed class JournalInspector : IDisposable
{
    private readonly ReaderPool _readers;
    private readonly string? _copy;

    private JournalInspector(string path, string? copy)
    {
        Path = path;
        _copy = copy;
        _readers = new ReaderPool(copy ?? path, vfs: null);
        Memory = new MemoryStore(_readers);
    }

    /// <summary>Gets the full path of the journal file.</summary>
    public string Path { get; }

    /// <summary>Gets the memory that runs have written.</summary>
    public MemoryStore Memory { get; }

    /// <summary>Opens a journal to be read.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The inspector.</returns>
    /// <exception cref="JournalCorruptException">The file is not a journal, or damaged where everything begins.</exception>
    /// <exception cref="JournalVersionException">The file is of an older version: open it once as a journal.</exception>
    /// <exception cref="JournalStorageException">The file is not there or cannot be read.</exception>
    public static JournalInspector Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = System.IO.Path.GetFullPath(path);
        string? copy = null;
        try
        {
            if (!CanRead(path))
                copy = Copy(path);
            using (var database = SqliteDatabase.Open(copy ?? path, readOnly: true))
                Schema.CheckReadable(database);
            return new JournalInspector(path, copy);
        }
        catch
        {
            Delete(copy);
            throw;
        }
    }

    /// <summary>Returns a run as the journal has it.</summary>
    /// <param name="runId">The run.</param>
    /// <returns>The run, or <see langword="null"/> when there is none.</returns>
    public RunInfo? GetRun(string runId) => RunReads.Find(_readers, runId);

    /// <summary>Lists runs, newest first.</summary>
    /// <param name="filter">Which; <see langword="null"/> for all, up to the filter's default limit.</param>
    /// <returns>The runs.</returns>
    public IReadOnlyList<RunInfo> ListRuns(RunFilter? filter = null) => RunReads.List(_readers, filter);

    /// <summary>Lists the steps of a run in the order they were begun.</summary>
    /// <param name="runId">The run.</param>
    /// <returns>The steps.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public IReadOnlyList<StepInfo> ListSteps(string runId) => RunReads.Steps(_readers, runId);

    /// <summary>Reads what happened to a run so far.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="afterSequence">Only events after this sequence number; 0 for all.</param>
    /// <returns>The events, in order.</returns>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    public IEnumerable<JournalEvent> ReadEvents(string runId, long afterSequence = 0) =>
        new EventReader(_readers, new EventHub()).ReadStored(RunReads.Row(_readers, runId), afterSequence);

    /// <inheritdoc/>
    public void Dispose()
    {
        _readers.Dispose();
        Delete(_copy);
    }

    /// <summary>Says whether SQLite can read the file where it is: it cannot make its index of the log on a read-only disk.</summary>
    private static bool CanRead(string path)
    {
        try
        {
            using var database = SqliteDatabase.Open(path, readOnly: true);
            database.Scalar("SELECT count(*) FROM sqlite_schema");
            return true;
        }
        catch (JournalStorageException) when (File.Exists(path))
        {
            return false;
        }
    }

    private static string Copy(string path)
    {
        var copy = System.IO.Path.Combine(Directory.CreateTempSubdirectory("oncell-inspect-").FullName, "journal.db");
        File.Copy(path, copy);
        if (File.Exists(path + "-wal"))
            File.Copy(path + "-wal", copy + "-wal");
        return copy;
    }

    private static void Delete(string? copy)
    {
        if (copy is not null)
            Directory.Delete(System.IO.Path.GetDirectoryName(copy)!, recursive: true);
    }
}
