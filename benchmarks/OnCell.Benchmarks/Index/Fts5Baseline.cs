using System.Diagnostics;
using Microsoft.Data.Sqlite;
using OnCell.Indexing.Search;

namespace OnCell.Benchmarks.Index;

/// <summary>SQLite's full-text search as it comes: the same chunks, its own tokens, its own BM25.</summary>
internal sealed class Fts5Baseline : IDisposable
{
    private readonly SqliteConnection _connection;

    /// <summary>Copies the chunks of an index.</summary>
    public Fts5Baseline(string indexPath)
    {
        var started = Stopwatch.GetTimestamp();
        _connection = new SqliteConnection("Data Source=:memory:");
        _connection.Open();
        Execute("ATTACH DATABASE $path AS source", ("$path", indexPath));
        Execute("CREATE VIRTUAL TABLE text USING fts5(path UNINDEXED, body)");
        Execute(
            """
            INSERT INTO text(path, body)
            SELECT f.path, CAST(c.content AS TEXT) FROM source.chunk c
            JOIN source.file f ON c.id >= f.first_chunk AND c.id < f.first_chunk + length(f.lengths) / 2
            """);
        FillSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Gets how long filling the table took; reading, cutting and storing the files is not in it.</summary>
    public double FillSeconds { get; }

    /// <summary>Gets how large the table is.</summary>
    public long Bytes
    {
        get
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "SELECT page_count * page_size FROM pragma_page_count('main'), pragma_page_size('main')";
            return (long)command.ExecuteScalar()!;
        }
    }

    public List<string> Search(string query)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT path FROM text WHERE text MATCH $query ORDER BY rank LIMIT 10";
        command.Parameters.AddWithValue(
            "$query", string.Join(" OR ", SearchQuery.Parse(query).Words.Select(w => $"\"{w.Text}\"")));
        using var reader = command.ExecuteReader();
        var paths = new List<string>();
        while (reader.Read()) paths.Add(reader.GetString(0));
        return paths;
    }

    public void Dispose() => _connection.Dispose();

    private void Execute(string sql, params (string Name, string Value)[] parameters)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        command.ExecuteNonQuery();
    }
}
