using Microsoft.Data.Sqlite;
using OnCell.Registry;

namespace OnCell.Core.Tests.Registry;

public sealed class CustomerRegistryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-registry-").FullName;

    private string File => Path.Combine(_folder, "oncell.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_written_is_there_after_a_restart()
    {
        var record = Record("acme");
        using (var database = Open())
        {
            var registry = Customers(database);
            Assert.True(registry.TryAdd(record));
            registry.SetState("acme", CellState.Paused, PauseTier.Frozen);
            registry.SetBusy("acme", true);
            registry.SetQuotas("acme", new CustomerQuotas { TokensPerMonth = 7, Storage = "50gb" });
        }

        using var again = Open();
        var found = Customers(again).Find("acme")!;
        Assert.Equal((CellState.Paused, PauseTier.Frozen, true), (found.State, found.Tier, found.Busy));
        Assert.Equal(new CustomerQuotas { TokensPerMonth = 7, Storage = "50gb" }, found.Quotas);
        Assert.Equal(record.Config, found.Config);
        Assert.Equal(record.ProtectedGitCredentials, found.ProtectedGitCredentials);
    }

    [Fact]
    public void A_customer_is_added_once_but_a_failed_one_may_be_tried_again()
    {
        using var database = Open();
        var registry = Customers(database);
        Assert.True(registry.TryAdd(Record("acme")));
        Assert.False(registry.TryAdd(Record("acme")));
        registry.SetState("acme", CellState.Failed, reason: "no disk");
        Assert.Equal("no disk", registry.Find("acme")!.Reason);
        Assert.True(registry.TryAdd(Record("acme") with { Quotas = new CustomerQuotas { ComputeHoursPerMonth = 1.5 } }));
        Assert.Null(registry.Find("acme")!.Reason);
        Assert.Equal(1.5, registry.Find("acme")!.Quotas!.ComputeHoursPerMonth);
        registry.SetQuotas("acme", null);
        Assert.Null(registry.Find("acme")!.Quotas);
    }

    [Fact]
    public void A_newer_schema_is_refused_by_name()
    {
        Open().Dispose();
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version=99";
            command.ExecuteNonQuery();
        }

        Assert.Contains("schema 99", Assert.Throws<OnCellException>(() => Open()).Message);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_by_name()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));
        Assert.Contains(File, Assert.Throws<OnCellException>(() => Open()).Message);
    }

    private RegistryDatabase Open() => RegistryDatabase.Open(File);

    private static CustomerRegistry Customers(RegistryDatabase database) => new(database, TimeProvider.System);

    private static CustomerRecord Record(string id) => new()
    {
        Id = id,
        Agent = "A",
        Config = new Dictionary<string, string> { ["repoUrl"] = "http://git.test/x" },
        ProtectedGitCredentials = [1, 2, 3],
        State = CellState.Creating,
        Created = DateTimeOffset.FromUnixTimeMilliseconds(1),
        Changed = DateTimeOffset.FromUnixTimeMilliseconds(2),
    };
}
