using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using OnCell.Indexing.Embedding;

namespace OnCell.Benchmarks.Index;

/// <summary>The 100 nearest of many vectors: in memory, in SQLite's rows, and in a <c>vec0</c> table; and how fast models embed.</summary>
internal static class VectorBenchmark
{
    private const int Dimension = 256;
    private const int Nearest = 100;

    /// <summary>How often the smallest table is scanned before anything is measured, for the run-time to compile the scan fully.</summary>
    private const int WarmUps = 300;

    public static void RunScans(BenchmarkReport report, string folder, bool large)
    {
        WarmUp();
        foreach (var count in large ? (int[])[10_000, 100_000, 1_000_000] : [10_000, 100_000])
        {
            var random = new Random(count);
            var vectors = new byte[count * Dimension];
            random.NextBytes(vectors);
            var signed = MemoryMarshal.Cast<byte, sbyte>(vectors).ToArray();
            var query = signed[..Dimension];
            var table = VectorTable.Of("random", Dimension, signed);
            var size = count == 1_000_000 ? "1m" : $"{count / 1_000}k";

            using var connection = Fill(Path.Combine(folder, $"vectors-{size}.db"), vectors);
            using var row = Command(connection, "SELECT chunk, vec_distance_cosine(vec_int8(vector), vec_int8($q)) AS d FROM vector ORDER BY d LIMIT 100", query);
            using var vec0 = Command(connection, "SELECT rowid, distance FROM vec WHERE e MATCH vec_int8($q) AND k = 100", query);
            var memory = Median(() => table.Nearest(query, Nearest));
            report.Add($"vectors_memory_ms_{size}", memory, "ms", $"{Dimension} dimensions, int8");
            report.AddRatio($"vectors_sqlite_rows_over_memory_{size}", Median(() => Drain(row)), memory, "ms", "in memory");
            report.AddRatio($"vectors_vec0_over_memory_{size}", Median(() => Drain(vec0)), memory, "ms", "in memory");
        }
    }

    private static void WarmUp()
    {
        var table = VectorTable.Of("warm", Dimension, new sbyte[10_000 * Dimension]);
        for (var i = 0; i < WarmUps; i++) table.Nearest(new sbyte[Dimension], Nearest);
    }

    public static async Task RunModelsAsync(BenchmarkReport report, IReadOnlyList<DenseModel> models)
    {
        foreach (var model in models)
        {
            var count = model.Name == "minilm" ? 64 : 4_096;
            var texts = Enumerable.Range(0, count).Select(i => SourceMaker.Source(new Random(i), i, lines: 40)).ToList();
            await model.Generator.GenerateAsync(texts.Take(8));
            var started = Stopwatch.GetTimestamp();
            await model.Generator.GenerateAsync(texts);
            report.Add($"embed_chunks_per_s_{model.Name}", count / Stopwatch.GetElapsedTime(started).TotalSeconds, "1/s", $"chunks of 40 lines, {model.ModelName}");
        }
    }

    private static SqliteConnection Fill(string path, byte[] vectors)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        SqliteVec.LoadInto(connection);
        using var transaction = connection.BeginTransaction();
        using (var create = connection.CreateCommand())
        {
            create.CommandText = "CREATE TABLE vector(chunk INTEGER PRIMARY KEY, vector BLOB NOT NULL); CREATE VIRTUAL TABLE vec USING vec0(e int8[256] distance_metric=cosine)";
            create.ExecuteNonQuery();
        }

        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO vector VALUES ($id, $v); INSERT INTO vec(rowid, e) VALUES ($id, vec_int8($v))";
        var id = insert.Parameters.Add("$id", SqliteType.Integer);
        var vector = insert.Parameters.Add("$v", SqliteType.Blob);
        for (var i = 0; i < vectors.Length / Dimension; i++)
        {
            id.Value = i;
            vector.Value = vectors[(i * Dimension)..((i + 1) * Dimension)];
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
        return connection;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, sbyte[] query)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$q", MemoryMarshal.AsBytes<sbyte>(query).ToArray());
        return command;
    }

    private static void Drain(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
        }
    }

    private static double Median(Action action)
    {
        action();
        var times = new double[7];
        for (var i = 0; i < times.Length; i++)
        {
            var started = Stopwatch.GetTimestamp();
            action();
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        return times.Order().ElementAt(times.Length / 2);
    }
}
