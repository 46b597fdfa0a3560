using System.Collections.Concurrent;
using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Storage;

/// <summary>Read-only connections, each lent to one reader at a time and never for long.</summary>
internal sealed class ReaderPool(string path, string? vfs) : IDisposable
{
    private const int Kept = 8;
    private readonly ConcurrentBag<SqliteDatabase> _idle = [];
    private volatile bool _closed;

    public Lease Rent()
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(DurableJournal));
        return new Lease(this, _idle.TryTake(out var database) ? database : SqliteDatabase.Open(path, readOnly: true, vfs));
    }

    /// <summary>Lends a connection whose queries, until it is given back, all see the file as it is now.</summary>
    public Lease RentSnapshot()
    {
        var lease = Rent();
        lease.Database.Prepare("BEGIN").Run();
        return lease;
    }

    public void Dispose()
    {
        _closed = true;
        while (_idle.TryTake(out var database))
            database.Dispose();
    }

    private void Return(SqliteDatabase database)
    {
        // A connection that met a damaged page may not even end its transaction: it is not lent again.
        if (!database.TryEndRead() || _closed || _idle.Count >= Kept)
            database.Dispose();
        else
            _idle.Add(database);
    }

    internal readonly struct Lease(ReaderPool pool, SqliteDatabase database) : IDisposable
    {
        public SqliteDatabase Database { get; } = database;

        public void Dispose() => pool.Return(Database);
    }
}
