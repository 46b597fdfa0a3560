using System.Text.Json;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling;

/// <summary>One execution of a step's body or probe. Its own steps are sub-steps: finished ones survive a retry.</summary>
public sealed class StepExecution : StepScope
{
    private readonly object _gate = new();
    private Dictionary<string, string>? _annotations;
    private List<Action<WriteTransaction, long>>? _staged;
    private List<string>? _files;

    internal StepExecution(JournalRun run, string position, string key, int attempt, bool inDoubt, long? due)
        : base(position + ".")
    {
        Run = run;
        Position = position;
        Key = key;
        Attempt = attempt;
        InDoubt = inDoubt;
        Due = due;
    }

    /// <summary>Gets the step's position in the run.</summary>
    public string Position { get; }

    /// <summary>
    /// Gets the name of the attempt's effect: <c>run/incarnation/position</c>, then <c>#2</c> and on for later attempts, but
    /// the same for all attempts of an <see cref="StepEffect.Idempotent"/> step. It is never used for another effect.
    /// </summary>
    public string Key { get; }

    /// <summary>Gets the number of the attempt, from 1.</summary>
    public int Attempt { get; }

    /// <summary>Gets a value indicating whether an earlier process began this attempt and did not see its end.</summary>
    public bool InDoubt { get; }

    internal override JournalRun Run { get; }

    /// <summary>Gets the time stored with the attempt's start, of a timer or a time-out.</summary>
    internal long? Due { get; }

    internal bool Reattached { get; private set; }

    internal string? AnnotationsJson
    {
        get
        {
            lock (_gate)
                return _annotations is null ? null : JsonSerializer.Serialize(_annotations, JsonContext.Default.DictionaryStringString);
        }
    }

    /// <summary>Gets what is to be committed with the step's end.</summary>
    internal IReadOnlyCollection<Action<WriteTransaction, long>> Staged
    {
        get
        {
            lock (_gate)
                return _staged is null ? [] : [.. _staged];
        }
    }

    /// <summary>Notes that the result was taken from a holder that went on without this process.</summary>
    public void MarkReattached() => Reattached = true;

    /// <summary>Notes something small about the step, kept with its end.</summary>
    /// <param name="name">What is noted; a later note of the same name replaces it.</param>
    /// <param name="value">The note.</param>
    public void Annotate(string name, string value)
    {
        lock (_gate)
            (_annotations ??= new(StringComparer.Ordinal))[name] = value;
    }

    /// <summary>Writes to the journal's memory in the same transaction as the step's end: exactly once.</summary>
    /// <param name="key">The key.</param>
    /// <param name="valueJson">The value as JSON; <see langword="null"/> deletes the key.</param>
    public void SetMemory(string key, string? valueJson)
    {
        MemoryRules.Check(key, valueJson);
        var time = Run.Store.Clock.Micros();
        Stage((write, sequence) => MemoryTable.Change(write.Database, key, valueJson, sequence, time));
    }

    /// <summary>
    /// Keeps a file of any size beside the journal, in bounded memory, for as long as the run is kept. Return what this
    /// returns as, or in, the step's result, and read it with <see cref="DurableJournal.OpenFile"/>.
    /// </summary>
    /// <param name="content">The content, read to its end.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>What names the file.</returns>
    /// <exception cref="JournalStorageException">The file cannot be written.</exception>
    public async Task<KeptFile> KeepAsync(Stream content, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(content);
        var file = await Run.Store.Blobs.WriteAsync(content, ct).ConfigureAwait(false);
        StageFile(file.Sha256);
        return file;
    }

    /// <summary>Lets the run need a file that was just written, from the step's end on; until then the file is held.</summary>
    internal void StageFile(string name)
    {
        lock (_gate)
            (_files ??= []).Add(name);
        Stage((write, _) => BlobTable.Add(write.Database, name, Run.No));
    }

    /// <summary>Lets go of the files that were written: they are the run's now, or nobody's.</summary>
    internal void ReleaseFiles()
    {
        lock (_gate)
        {
            _files?.ForEach(Run.Store.Blobs.Release);
            _files = null;
        }
    }

    /// <summary>Adds a write to the transaction of the step's end; it is given the end's sequence number.</summary>
    internal void Stage(Action<WriteTransaction, long> write)
    {
        lock (_gate)
            (_staged ??= []).Add(write);
    }
}
