using OnCell.Journaling.Storage.Sqlite;

namespace OnCell.Journal.Tests.Support;

/// <summary>A journal in a folder of its own on a real disk, opened again as often as a test likes.</summary>
internal sealed class TestJournal : IAsyncDisposable
{
    private DurableJournal? _open;

    public TestJournal()
    {
        Folder = Directory.CreateTempSubdirectory("oncell-journal-").FullName;
        File = Path.Combine(Folder, "journal.db");
    }

    public string Folder { get; }

    public string File { get; }

    public JournalOptions Options { get; set; } = new();

    /// <summary>Opens the journal, closing it first if it is open: what a restart of the service does.</summary>
    public async Task<DurableJournal> ReopenAsync()
    {
        await CloseAsync();
        return _open = await DurableJournal.OpenAsync(File, Options, TestContext.Current.CancellationToken);
    }

    public async Task CloseAsync()
    {
        if (_open is not null)
            await _open.DisposeAsync();
        _open = null;
    }

    /// <summary>Changes the file behind the journal's back.</summary>
    public void Execute(string sql)
    {
        using var database = SqliteDatabase.Open(File, readOnly: false);
        database.Execute(sql);
    }

    public static string? QuickCheck(string path)
    {
        using var database = SqliteDatabase.Open(path, readOnly: false);
        return database.Text("PRAGMA quick_check");
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (System.IO.File.Exists(File) && !Corrupted)
            Assert.Equal("ok", QuickCheck(File));
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Gets or sets a value indicating whether the test damages the file on purpose.</summary>
    public bool Corrupted { get; set; }
}
