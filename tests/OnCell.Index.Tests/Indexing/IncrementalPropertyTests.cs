using System.Security.Cryptography;
using CsCheck;
using OnCell.Index.Tests.Support;
using OnCell.Indexing;

namespace OnCell.Index.Tests.Indexing;

/// <summary>Whatever was edited in between, an incremental index answers as a fresh one.</summary>
public sealed class IncrementalPropertyTests
{
    private static readonly string[] Words =
        ["router", "handler", "parse", "request", "token", "session", "cache", "stream", "JsonReader", "file_system", "retry"];

    private static readonly Gen<string> Source =
        Gen.Select(Gen.OneOf(Words), Gen.OneOf(Words), Gen.Int[0, 9], (a, b, n) => $"def {a}_{b}_{n}():\n    return {b}({n})\n\n")
            .Array[1, 40].Select(string.Concat);

    private static readonly Gen<string> Path =
        Gen.Select(Gen.OneOf("src", "lib", "tests", "."), Gen.OneOf(Words), (d, w) => $"{d}/{w}.py");

    private static readonly Gen<Edit> AnEdit =
        Gen.Select(Path, Path, Source, Gen.Int[0, 5], (path, other, text, kind) => kind switch
        {
            0 => new Edit(path, null, null),
            1 => new Edit(path, other, null),
            _ => new Edit(path, null, text),
        });

    [Fact]
    public async Task Incremental_equals_fresh()
        => await AnEdit.Array[1, 8].Array[1, 14].SampleAsync(runs => JudgeAsync(runs, new CodeIndexOptions()), iter: 25, threads: 1);

    [Theory]
    [InlineData(VectorScan.Memory)]
    [InlineData(VectorScan.Sqlite)]
    public async Task Incremental_equals_fresh_with_vectors(VectorScan scan)
    {
        using var folder = new TempFolder();
        using var table = await OpenTableAsync(folder);
        var options = new CodeIndexOptions { EmbeddingGenerator = table, VectorScan = scan };
        await AnEdit.Array[1, 8].Array[1, 14].SampleAsync(runs => JudgeAsync(runs, options), iter: 15, threads: 1);
    }

    private static async Task JudgeAsync(Edit[][] runs, CodeIndexOptions options)
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = new TempFolder();
        var work = folder.Path("work");
        folder.Write("work/keep.py", "def keep(): pass\n");
        options = options with { BatchBytes = 1_500 };
        await using var incremental = await CodeIndex.OpenAsync(folder.Path("incremental.db"), options, ct);
        IndexReport report = null!;
        foreach (var edits in runs)
        {
            foreach (var edit in edits) Apply(folder, edit);
            report = await incremental.IndexAsync(work, ct: ct);
        }

        await using var fresh = await CodeIndex.OpenAsync(folder.Path("fresh.db"), options, ct);
        var expected = await fresh.IndexAsync(work, ct: ct);
        Assert.Equal((expected.Chunks, expected.Lines), (report.Chunks, report.Lines));
        foreach (var query in (string[])["router request", "json reader", "how is the session token parsed", "retry", "def"])
        {
            var all = new SearchOptions { TopK = 50 };
            Assert.Equal(await fresh.SearchAsync(query, all, ct), await incremental.SearchAsync(query, all, ct));
        }
    }

    private static void Apply(TempFolder folder, Edit edit)
    {
        var path = folder.Path("work/" + edit.Path);
        if (edit.Text is not null)
            folder.Write("work/" + edit.Path, edit.Text);
        else if (!File.Exists(path))
            return;
        else if (edit.NewPath is null)
            File.Delete(path);
        else
        {
            var moved = folder.Path("work/" + edit.NewPath);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(moved)!);
            File.Move(path, moved, overwrite: true);
        }
    }

    /// <summary>A small table of code tokens: each word has a direction of its own, the same in every run.</summary>
    private static async Task<StaticTokenEmbedder> OpenTableAsync(TempFolder folder)
    {
        const int dimension = 16;
        string[] tokens = ["router", "handler", "parse", "request", "token", "session", "cache", "stream", "json", "reader", "file", "system", "retry"];
        var rows = new byte[tokens.Length * dimension];
        new Random(1).NextBytes(rows);
        byte[] table = [.. BitConverter.GetBytes(tokens.Length), .. BitConverter.GetBytes(dimension), .. rows];
        await File.WriteAllBytesAsync(folder.Path("table.bin"), table, TestContext.Current.CancellationToken);
        return await StaticTokenEmbedder.OpenAsync(
            folder.Path("table.bin"), tokens, Convert.ToHexStringLower(SHA256.HashData(table)), TestContext.Current.CancellationToken);
    }

    /// <summary>A file that is written, renamed (<paramref name="NewPath"/>) or, with neither, deleted.</summary>
    private sealed record Edit(string Path, string? NewPath, string? Text);
}
