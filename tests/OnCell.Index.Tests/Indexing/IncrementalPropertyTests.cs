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

    private static readonly Gen<(string Path, string? Text)> Edit =
        Gen.Select(Path, Source, Gen.Int[0, 4], (p, s, kind) => (p, kind == 0 ? null : s));

    [Fact]
    public async Task Incremental_equals_fresh()
        => await Edit.Array[1, 8].Array[1, 14].SampleAsync(JudgeAsync, iter: 25, threads: 1);

    private static async Task JudgeAsync((string Path, string? Text)[][] runs)
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = new TempFolder();
        var work = folder.Path("work");
        folder.Write("work/keep.py", "def keep(): pass\n");
        var options = new CodeIndexOptions { BatchBytes = 1_500 };
        await using var incremental = await CodeIndex.OpenAsync(folder.Path("incremental.db"), options, ct);
        IndexReport report = null!;
        foreach (var edits in runs)
        {
            foreach (var (path, text) in edits)
            {
                if (text is not null) folder.Write("work/" + path, text);
                else if (File.Exists(folder.Path("work/" + path))) File.Delete(folder.Path("work/" + path));
            }

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
}
