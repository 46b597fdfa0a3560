using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journaling.Storage;

/// <summary>The tables, as forward-only migrations: version n is what the first n scripts make.</summary>
internal static class Schema
{
    /// <summary>"OCJL" in SQLite's application id, so that a stranger's database is never taken for a journal.</summary>
    public const int ApplicationId = 0x4F434A4C;

    private static readonly string[] Migrations = [Version1, Version2];

    // The log is append-only and keyed by integers: rows of many runs go to the end of one B-tree. The index has the run's
    // number alone, since SQLite appends the row's own number: loading, listing and the event stream all read a run in order.
    private const string Version1 = """
        CREATE TABLE meta(
            key TEXT PRIMARY KEY,
            value ANY NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE run(
            no INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            incarnation TEXT NOT NULL,
            method TEXT NOT NULL,
            input TEXT NOT NULL,
            code_version TEXT NOT NULL,
            state INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            parked INTEGER NOT NULL DEFAULT 0,
            cancel_requested INTEGER NOT NULL DEFAULT 0,
            created INTEGER NOT NULL,
            ended INTEGER,
            end_seq INTEGER,
            forked_from TEXT
        ) STRICT;
        CREATE INDEX run_open ON run(state) WHERE state < 4;

        CREATE TABLE log(
            seq INTEGER PRIMARY KEY,
            run_no INTEGER NOT NULL REFERENCES run(no),
            type INTEGER NOT NULL,
            position TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            time INTEGER NOT NULL,
            started INTEGER,
            due INTEGER,
            effect INTEGER,
            failed INTEGER,
            reattached INTEGER,
            fingerprint BLOB,
            kind TEXT,
            name TEXT,
            key TEXT,
            error TEXT,
            annotations TEXT,
            arguments TEXT,
            blob TEXT,
            value BLOB
        ) STRICT;
        CREATE INDEX log_run ON log(run_no);

        CREATE TABLE memory(
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL,
            seq INTEGER NOT NULL,
            time INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """;

    private const string Version2 = """
        CREATE TABLE signal(
            no INTEGER PRIMARY KEY,
            run_no INTEGER NOT NULL REFERENCES run(no),
            name TEXT NOT NULL,
            id TEXT,
            payload TEXT NOT NULL,
            time INTEGER NOT NULL,
            consumed_by INTEGER,
            UNIQUE(run_no, id)
        ) STRICT;
        CREATE INDEX signal_waiting ON signal(run_no, name) WHERE consumed_by IS NULL;

        CREATE TABLE blob(
            name TEXT NOT NULL,
            run_no INTEGER NOT NULL REFERENCES run(no),
            PRIMARY KEY(name, run_no)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX blob_run ON blob(run_no);
        INSERT OR IGNORE INTO blob(name, run_no) SELECT blob, run_no FROM log WHERE blob IS NOT NULL;

        -- What chance is drawn from: of the first incarnation, since a fork's history holds what was drawn from it.
        ALTER TABLE run ADD COLUMN seed TEXT NOT NULL DEFAULT '';
        UPDATE run SET seed = incarnation;

        CREATE VIEW runs AS SELECT
            id, method, code_version, epoch, parked, cancel_requested, forked_from,
            CASE state WHEN 1 THEN iif(parked > 0, 'NeedsDecision', 'Running') WHEN 3 THEN 'Diverged'
                WHEN 4 THEN 'Completed' WHEN 5 THEN 'Failed' WHEN 6 THEN 'Cancelled' END AS state,
            datetime(created / 1000000, 'unixepoch') AS created,
            datetime(ended / 1000000, 'unixepoch') AS ended
        FROM run;

        CREATE VIEW steps AS SELECT
            run.id AS run, log.position, log.kind, log.name, log.attempt, log.epoch,
            CASE log.type WHEN 10 THEN 'started' WHEN 11 THEN iif(log.failed, 'failed', 'completed') WHEN 12 THEN 'retrying'
                WHEN 13 THEN 'interrupted' WHEN 14 THEN 'parked' WHEN 15 THEN 'decided' END AS record,
            (log.time - log.started) / 1000.0 AS milliseconds,
            log.reattached, log.error, datetime(log.time / 1000000, 'unixepoch') AS time, log.seq
        FROM log JOIN run ON run.no = log.run_no WHERE log.type >= 10;
        """;

    /// <summary>The version this library writes.</summary>
    public static int Current => Migrations.Length;

    /// <summary>Refuses a file that is not a journal or that a newer version of this library wrote, before it is touched.</summary>
    public static void CheckWritable(SqliteDatabase database)
    {
        var version = CheckIsJournal(database);
        if (version > Current)
        {
            throw new JournalVersionException(
                $"journal {database.Path} has schema {version}, this library knows up to {Current}: use a newer version of it, "
                + $"or read the file with {nameof(JournalInspector)}.");
        }
    }

    /// <summary>Refuses a file that cannot be read as it is. Newer schemas only add, so they are read as far as they are known.</summary>
    public static void CheckReadable(SqliteDatabase database)
    {
        var version = CheckIsJournal(database);
        if (version < Current)
        {
            throw new JournalVersionException(
                $"journal {database.Path} has schema {version} and is to be brought to {Current}: open it once as a journal.");
        }
    }

    /// <summary>Brings a file to a version.</summary>
    public static void Migrate(SqliteDatabase database, int target)
    {
        for (var version = (int)database.Scalar("PRAGMA user_version"); version < target; version++)
        {
            database.Execute("BEGIN IMMEDIATE");
            database.Execute(Migrations[version]);
            database.Execute($"PRAGMA application_id = {ApplicationId}");
            database.Execute($"PRAGMA user_version = {version + 1}");
            database.Execute("COMMIT");
        }
    }

    private static int CheckIsJournal(SqliteDatabase database)
    {
        if (database.Scalar("PRAGMA application_id") != ApplicationId && database.Scalar("SELECT count(*) FROM sqlite_schema") > 0)
        {
            throw new JournalCorruptException(
                $"{database.Path} is a SQLite database of something else, not a journal: give the journal a file of its own.");
        }

        return (int)database.Scalar("PRAGMA user_version");
    }
}
