namespace OnCell.Registry;

/// <summary>The registry's schema, one script for each version. A script that was released is never changed: a new one is added.</summary>
internal static class RegistryMigrations
{
    /// <summary>Gets the scripts; the one at index <c>n</c> leads from version <c>n</c> to <c>n + 1</c>.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        """
        CREATE TABLE customer(
            id TEXT PRIMARY KEY, agent TEXT NOT NULL, config TEXT NOT NULL, git BLOB NOT NULL, state TEXT NOT NULL,
            tier TEXT, reason TEXT, busy INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL, changed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        """,
        """
        CREATE TABLE api_key(
            id TEXT PRIMARY KEY, name TEXT NOT NULL, hash BLOB NOT NULL, customer TEXT, areas INTEGER NOT NULL,
            created INTEGER NOT NULL, expires INTEGER) STRICT, WITHOUT ROWID;
        CREATE TABLE secret(
            customer TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, previous BLOB, version INTEGER NOT NULL,
            changed INTEGER NOT NULL, PRIMARY KEY(customer, name)) STRICT, WITHOUT ROWID;
        CREATE TABLE audit(
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
            customer TEXT, detail TEXT NOT NULL) STRICT;
        CREATE INDEX audit_customer ON audit(customer, sequence);
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        CREATE TABLE usage(
            customer TEXT NOT NULL, hour INTEGER NOT NULL, meter TEXT NOT NULL, amount REAL NOT NULL,
            PRIMARY KEY(customer, hour, meter)) STRICT, WITHOUT ROWID;
        CREATE TABLE answer(
            id TEXT PRIMARY KEY, request BLOB NOT NULL, answer BLOB NOT NULL, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE INDEX answer_created ON answer(created);
        """,
        """
        ALTER TABLE customer ADD COLUMN origin TEXT;
        ALTER TABLE customer ADD COLUMN origin_snapshot TEXT;
        """,
        """
        CREATE TABLE revision(
            id TEXT PRIMARY KEY, package TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, agents TEXT NOT NULL,
            created INTEGER NOT NULL, created_by TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE placement(
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, environment TEXT NOT NULL, package TEXT NOT NULL, revision TEXT NOT NULL,
            placed INTEGER NOT NULL, placed_by TEXT NOT NULL, previous INTEGER) STRICT;
        CREATE INDEX placement_environment ON placement(environment, package, sequence);
        ALTER TABLE customer ADD COLUMN environment TEXT NOT NULL DEFAULT 'production';
        """,
        """
        CREATE TABLE webhook(
            id TEXT PRIMARY KEY, url TEXT NOT NULL, secret BLOB NOT NULL, events TEXT NOT NULL, customer TEXT, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE delivery(
            id TEXT PRIMARY KEY, webhook TEXT NOT NULL, event TEXT NOT NULL, customer TEXT NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL,
            state TEXT NOT NULL, attempts INTEGER NOT NULL, next INTEGER, answer TEXT) STRICT, WITHOUT ROWID;
        CREATE INDEX delivery_due ON delivery(next) WHERE state = 'Pending';
        CREATE INDEX delivery_webhook ON delivery(webhook, created);
        """,
        "ALTER TABLE customer ADD COLUMN quotas TEXT;",
    ];
}
