using Microsoft.Data.Sqlite;
using OnCell.Registry;

namespace OnCell.Core.Tests.Registry;

/// <summary>An older registry is led to today's schema, and the audit log is only added to.</summary>
public sealed class RegistryDatabaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-registry-").FullName;

    private string File => Path.Combine(_folder, "oncell.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_older_version_is_led_to_todays_with_what_it_held()
    {
        for (var version = 1; version <= RegistryMigrations.All.Count; version++)
        {
            System.IO.File.Delete(File);
            using (var old = new SqliteConnection($"Data Source={File};Pooling=False"))
            {
                old.Open();
                using var command = old.CreateCommand();
                command.CommandText = string.Join('\n', RegistryMigrations.All.Take(version))
                    + $"PRAGMA user_version={version};"
                    + "INSERT INTO customer(id, agent, config, git, state, created, changed) VALUES('acme', 'A', '{}', x'00', 'Active', 1, 1);";
                command.ExecuteNonQuery();
            }

            using var database = RegistryDatabase.Open(File);
            Assert.Equal("acme", new CustomerRegistry(database, TimeProvider.System).List().Single().Id);
            Assert.Equal((long)RegistryMigrations.All.Count, database.Scalar("PRAGMA user_version"));
            Assert.Equal(0L, database.Scalar("SELECT count(*) FROM usage"));
        }
    }

    [Theory]
    [InlineData("UPDATE audit SET actor='nobody'")]
    [InlineData("DELETE FROM audit")]
    public void The_audit_log_is_only_added_to(string change)
    {
        using var database = RegistryDatabase.Open(File);
        database.Execute("INSERT INTO audit(time, actor, action, detail) VALUES(1, 'me', 'x', '')");
        Assert.Contains("append-only", Assert.Throws<SqliteException>(() => database.Execute(change)).Message);
        Assert.Equal("me", database.Scalar("SELECT actor FROM audit"));
    }
}
