using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OnCell.Journaling.Diagnostics;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Storage;

/// <summary>
/// The only connection that writes, on a thread of its own. What is queued while one commit is on its way to the disk
/// becomes the next transaction, so many runs share one fsync (group commit) and a lone one waits for nobody.
/// </summary>
/// <remarks>
/// The first SQLite error poisons the writer: what the file holds after a failed fsync is unknown, so nothing is
/// acknowledged after it until the journal is opened again.
/// </remarks>
internal sealed class JournalWriter : IAsyncDisposable
{
    private const int MaxBatch = 1_024;

    private readonly object _gate = new();
    private readonly SqliteDatabase _database;
    private readonly EventHub _events;
    private readonly StorageFaults _faults;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _room;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<PendingWrite> _queue = new();
    private readonly Func<string, string>? _redact;
    private long _lastSequence;
    private long _pagesSinceCheckpoint;
    private Exception? _refusal;
    private bool _closing;
    private bool _checkpointNow;

    public JournalWriter(SqliteDatabase database, EventHub events, JournalOptions options, long lastSequence)
    {
        _database = database;
        _events = events;
        _faults = options.Faults;
        _logger = options.Logger;
        _redact = options.Redact;
        _lastSequence = lastSequence;
        _room = new SemaphoreSlim(options.MaxQueuedWrites);
        _thread = new Thread(Work) { IsBackground = true, Name = "OnCell.Journal writer" };
        _thread.Start();
    }

    /// <summary>Gets a value indicating whether a write failed, after which none is taken.</summary>
    public bool IsFaulted => Volatile.Read(ref _refusal) is JournalException;

    /// <summary>Queues a write and completes once it is on the disk.</summary>
    /// <param name="work">What is written; it runs on the writer's thread, inside a transaction.</param>
    /// <param name="ct">Gives up waiting for room in the queue; a queued write is not taken back.</param>
    /// <typeparam name="T">What the write returns.</typeparam>
    /// <returns>What <paramref name="work"/> returned, once durable.</returns>
    public async Task<T> WriteAsync<T>(Func<WriteTransaction, T> work, CancellationToken ct)
    {
        await _room.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var pending = new PendingWrite<T>(work);
            lock (_gate)
            {
                if (_refusal is not null)
                    throw Refusal();
                _queue.Enqueue(pending);
                if (_queue.Count == 1)
                    Monitor.Pulse(_gate);
            }

            return await pending.Task.ConfigureAwait(false);
        }
        finally
        {
            _room.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closing = true;
            _refusal ??= new ObjectDisposedException(nameof(DurableJournal));
            Monitor.Pulse(_gate);
        }

        // The semaphore is left to the collector: callers whose writes were just acknowledged still give their places back.
        await _stopped.Task.ConfigureAwait(false);
    }

    private void Work()
    {
        var batch = new List<PendingWrite>(MaxBatch);
        while (TakeBatch(batch))
        {
            if (Commit(batch))
                CheckpointIfLong();
            batch.Clear();
        }

        _database.Dispose();
        _stopped.SetResult();
    }

    private bool TakeBatch(List<PendingWrite> batch)
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && !_closing)
                Monitor.Wait(_gate);
            while (batch.Count < MaxBatch && _queue.TryDequeue(out var pending))
                batch.Add(pending);
            return batch.Count > 0;
        }
    }

    private bool Commit(List<PendingWrite> batch)
    {
        if (IsFaulted)
        {
            foreach (var pending in batch)
                pending.Fail(Refusal());
            return false;
        }

        var began = Stopwatch.GetTimestamp();
        try
        {
            _database.Prepare("BEGIN IMMEDIATE").Run();
            var transaction = new WriteTransaction(_database, _lastSequence, _redact);
            foreach (var pending in batch)
                pending.Execute(transaction);
            _faults.Hit(ProtocolPoint.BeforeCommit);
            _database.Prepare("COMMIT").Run();
            _faults.Hit(ProtocolPoint.AfterCommit);
            _lastSequence = transaction.LastSequence;
            _checkpointNow = transaction.WantsCheckpoint;
            _events.Publish(transaction.Touched);
        }
        catch (Exception error)
        {
            Poison(error, batch);
            return false;
        }

        JournalTelemetry.Commits.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        JournalTelemetry.BatchSizes.Record(batch.Count);
        foreach (var pending in batch)
            pending.Acknowledge();
        return true;
    }

    private void Poison(Exception error, List<PendingWrite> batch)
    {
        JournalTelemetry.Faults.Add(1);
        JournalLog.Poisoned(_logger, _database.Path, error);
        lock (_gate)
            _refusal = error as JournalException ?? new JournalStorageException($"journal {_database.Path}: a write failed.", error);
        foreach (var pending in batch)
            pending.Fail(Refusal());

        // The transaction is given up with the connection: rolling back on a broken disk could fail in turn.
    }

    private Exception Refusal() => _refusal is ObjectDisposedException
        ? new ObjectDisposedException(nameof(DurableJournal))
        : new JournalStorageException(
            $"journal {_database.Path} takes no more writes since one failed: open it again. {_refusal!.Message}", _refusal);

    /// <summary>Moves a long log into the database, after the batch was acknowledged.</summary>
    private void CheckpointIfLong()
    {
        _pagesSinceCheckpoint += _database.TakePagesWritten();
        if (_pagesSinceCheckpoint < _faults.CheckpointPages && !_checkpointNow)
            return;
        try
        {
            // Passive: a slow reader delays the checkpoint, never the writer. Once all is moved, the next commit writes the
            // log from its start again, in place: the file does not grow, so fdatasync is cheaper.
            _database.Scalar("PRAGMA wal_checkpoint(PASSIVE)");
            _pagesSinceCheckpoint = 0;
        }
        catch (JournalException error)
        {
            Poison(error, []);
        }
    }

    private abstract class PendingWrite
    {
        public abstract void Execute(WriteTransaction transaction);

        public abstract void Acknowledge();

        public abstract void Fail(Exception error);
    }

    private sealed class PendingWrite<T>(Func<WriteTransaction, T> work) : PendingWrite
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;
        private Exception? _refused;

        public Task<T> Task => _completion.Task;

        public override void Execute(WriteTransaction transaction)
        {
            var changes = transaction.Database.TotalChanges;
            try
            {
                _result = work(transaction);
            }
            catch (Exception error) when (transaction.Database.TotalChanges == changes && !IsStorageError(error))
            {
                _refused = error;
            }
        }

        public override void Acknowledge()
        {
            if (_refused is null)
                _completion.SetResult(_result);
            else
                _completion.SetException(_refused);
        }

        public override void Fail(Exception error) => _completion.SetException(_refused ?? error);

        // A run that contradicts itself is that run's trouble; only what SQLite says makes the file doubtful.
        private static bool IsStorageError(Exception error) => error is JournalException { IsFromSqlite: true };
    }
}
