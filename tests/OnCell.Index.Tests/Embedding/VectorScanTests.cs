using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using OnCell.Index.Tests.Support;
using OnCell.Indexing;
using OnCell.Indexing.Embedding;

namespace OnCell.Index.Tests.Embedding;

public sealed class VectorScanTests : IDisposable
{
    private static readonly string Runtimes = Path.Combine(AppContext.BaseDirectory, "runtimes");

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Memory_and_sqlite_find_the_same_in_the_same_order()
    {
        for (var i = 0; i < 200; i++) _folder.Write($"work/f{i:000}.py", $"def function_{i}(value):\n    return value * {i}\n");
        using var generator = new HashGenerator();
        var options = new CodeIndexOptions { EmbeddingGenerator = generator };
        await using var memory = await CodeIndex.OpenAsync(_folder.Path("index.db"), options, Token);
        await memory.IndexAsync(_folder.Path("work"), ct: Token);
        await using var sqlite = await CodeIndex.OpenAsync(_folder.Path("index.db"), options with { VectorScan = VectorScan.Sqlite }, Token);
        foreach (var query in (string[])["words that stand nowhere else", "another question without hits", "something entirely unrelated"])
        {
            var expected = (await memory.SearchAsync(query, new SearchOptions { TopK = 50 }, Token)).ToDictionary(h => h.Path, h => h.Score);
            var actual = (await sqlite.SearchAsync(query, new SearchOptions { TopK = 50 }, Token)).ToDictionary(h => h.Path, h => h.Score);
            Assert.Equal(50, expected.Count);
            Assert.InRange(actual.Keys.Intersect(expected.Keys).Count(), 47, 50); // rounding may swap who comes last
            foreach (var (path, score) in actual)
            {
                if (expected.TryGetValue(path, out var other)) Assert.Equal(other, score, 0.05);
            }
        }
    }

    [Fact]
    public void Natives_of_five_platforms_are_carried_as_pinned()
    {
        var sums = File.ReadAllLines(Path.Combine(Runtimes, "SHA256SUMS")).Select(l => l.Split("  ")).ToList();
        Assert.Equal(["linux-arm64", "linux-x64", "osx-arm64", "osx-x64", "win-x64"], sums.Select(s => s[1].Split('/')[0]).Order());
        Assert.All(sums, s => Assert.Equal(s[0], Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Runtimes, s[1]))))));
    }

    [Fact]
    public void A_native_that_is_missing_or_was_changed_is_not_loaded()
    {
        var error = Assert.Throws<CodeIndexException>(() => SqliteVec.Find([_folder.Path("nowhere")]));
        Assert.Equal(CodeIndexError.NativeUnusable, error.Error);
        foreach (var name in (string[])["vec0.so", "vec0.dylib", "vec0.dll"]) _folder.Write("changed/" + name, "changed");
        error = Assert.Throws<CodeIndexException>(() => SqliteVec.Find([_folder.Path("changed")]));
        Assert.Contains("is not loaded", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_nearest_come_first_and_of_equals_the_earlier()
    {
        // Two dimensions: slots 0 and 2 are equal, 1 is opposite, 3 is in between.
        var table = VectorTable.Of("m", 2, [127, 0, -127, 0, 127, 0, 90, 90]);
        Assert.Equal([0, 2, 3], table.Nearest([127, 0], 3).Select(n => n.Slot));
        Assert.Equal([0], table.Nearest([127, 0], 1).Select(n => n.Slot));
        Assert.Equal(4, table.Nearest([127, 0], 10).Count);
    }

    /// <summary>Vectors that depend on nothing but the text.</summary>
    private sealed class HashGenerator : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
            => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(t =>
                new Embedding<float>(SHA512.HashData(Encoding.UTF8.GetBytes(t)).Select(b => b - 127.5f).ToArray()))));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
