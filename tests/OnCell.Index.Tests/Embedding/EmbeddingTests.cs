using System.Security.Cryptography;
using CsCheck;
using Microsoft.Extensions.AI;
using OnCell.Index.Tests.Support;
using OnCell.Indexing;
using OnCell.Indexing.Embedding;

namespace OnCell.Index.Tests.Embedding;

public sealed class EmbeddingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Dot_products_are_the_same_on_every_path()
        => Gen.Select(Gen.SByte[-127, 127].Array[0, 300], Gen.SByte[-127, 127].Array[300]).Sample((a, b) =>
        {
            b = b[..a.Length];
            var expected = QuantizedVector.DotScalar(a, b);
            return expected == QuantizedVector.Dot512(a, b) && expected == QuantizedVector.Dot256(a, b)
                && expected == QuantizedVector.Dot(a, b);
        });

    [Fact]
    public async Task Vectors_find_what_shares_no_word_with_the_query()
    {
        _folder.Write("work/auth.py", "def verify_password(user): pass\n");
        _folder.Write("work/draw.py", "def paint_canvas(brush): pass\n");
        using var generator = new TopicGenerator();
        var options = new CodeIndexOptions { EmbeddingGenerator = generator };
        await using var index = await CodeIndex.OpenAsync(_folder.Path("index.db"), options, Token);
        await index.IndexAsync(_folder.Path("work"), ct: Token);
        Assert.Equal(2, generator.Texts);

        var hits = await index.SearchAsync("login credentials handling", ct: Token);
        Assert.Equal("auth.py", hits[0].Path);

        // Only what changed is embedded again, and all of it for another model.
        _folder.Write("work/draw.py", "def paint_wall(brush): pass\n");
        generator.Texts = 0;
        await index.IndexAsync(_folder.Path("work"), ct: Token);
        Assert.Equal(1, generator.Texts);
        await using var other = await CodeIndex.OpenAsync(_folder.Path("index.db"), options with { EmbeddingModel = "other" }, Token);
        Assert.Empty(await other.SearchAsync("login credentials handling", ct: Token));
        generator.Texts = 0;
        await other.IndexAsync(_folder.Path("work"), ct: Token);
        Assert.Equal(2, generator.Texts);
        Assert.Equal("auth.py", (await other.SearchAsync("login credentials handling", ct: Token))[0].Path);
    }

    [Fact]
    public async Task A_near_chunk_lifts_its_file_and_words_choose_what_is_shown()
    {
        // The two files answer the words alike; one has, in another chunk, what lies near.
        _folder.Write("work/a.py", "def widget(): pass\n" + Functions("step") + "\n\n" + Functions("paint"));
        _folder.Write("work/z.py", "def widget(): pass\n" + Functions("step") + "\n\n" + Functions("password"));
        using var generator = new TopicGenerator();
        await using var index = await CodeIndex.OpenAsync(
            _folder.Path("index.db"), new CodeIndexOptions { EmbeddingGenerator = generator }, Token);
        await index.IndexAsync(_folder.Path("work"), ct: Token);
        var hits = await index.SearchAsync("login of the widget", ct: Token);
        Assert.Equal(["z.py", "a.py"], hits.Select(h => h.Path).Distinct());
        Assert.Contains("widget", hits[0].Content, StringComparison.Ordinal);
        Assert.DoesNotContain("password", hits[0].Content, StringComparison.Ordinal);

        static string Functions(string name) => string.Concat(Enumerable.Range(0, 40).Select(i => $"def {name}_{i}(value): return value + {i}\n"));
    }

    [Fact]
    public async Task Vectors_of_another_dimension_are_made_anew_though_the_name_is_the_same()
    {
        for (var i = 0; i < 100; i++) _folder.Write($"work/f{i}.py", $"def password_{i}(): pass\n");
        _folder.Write("work/draw.py", "def paint_canvas(brush): pass\n");
        using var two = new TopicGenerator();
        using var three = new TopicGenerator { Dimension = 3 };
        await using (var index = await CodeIndex.OpenAsync(_folder.Path("index.db"), new CodeIndexOptions { EmbeddingGenerator = two }, Token))
            await index.IndexAsync(_folder.Path("work"), ct: Token);

        await using var other = await CodeIndex.OpenAsync(_folder.Path("index.db"), new CodeIndexOptions { EmbeddingGenerator = three }, Token);
        Assert.Empty(await other.SearchAsync("login credentials handling", ct: Token)); // and a warning in the log
        _folder.Write("work/new.py", "def password_new(): pass\n");
        await other.IndexAsync(_folder.Path("work"), ct: Token);
        Assert.NotEmpty(await other.SearchAsync("login credentials handling", ct: Token));
        Assert.InRange(three.Texts, 102, 200);
    }

    [Fact]
    public async Task A_generator_that_returns_anything_is_refused()
    {
        _folder.Write("work/a.py", "def alpha(): pass\n");
        _folder.Write("work/b.py", "def beta(): pass\n");
        foreach (var dimension in (int[])[0, -1])
        {
            using var generator = new TopicGenerator { Dimension = dimension };
            await using var index = await CodeIndex.OpenAsync(_folder.Path("index.db"), new CodeIndexOptions { EmbeddingGenerator = generator }, Token);
            var error = await Assert.ThrowsAsync<CodeIndexException>(() => index.IndexAsync(_folder.Path("work"), ct: Token));
            Assert.Equal(CodeIndexError.ModelUnusable, error.Error);
        }
    }

    [Fact]
    public async Task A_token_table_embeds_and_its_hash_is_checked()
    {
        byte[] table = [2, 0, 0, 0, 2, 0, 0, 0, 127, 0, 0, 127];
        await File.WriteAllBytesAsync(_folder.Path("table.bin"), table, Token);
        _folder.Write("tokens.txt", "parse\nrender\n");
        var hash = Convert.ToHexStringLower(SHA256.HashData(table));
        using var embedder = await StaticTokenEmbedder.OpenAsync(_folder.Path("table.bin"), _folder.Path("tokens.txt"), hash, Token);
        var vectors = await embedder.GenerateAsync(["parseJson", "RENDER_ALL reparse"], cancellationToken: Token);
        Assert.Equal([127f, 0f], vectors[0].Vector.ToArray());
        Assert.Equal([127f, 127f], vectors[1].Vector.ToArray());

        foreach (var (tokens, expected) in ((string, string)[])[("tokens.txt", new string('0', 64)), ("table.bin", hash), ("nowhere", hash)])
        {
            var error = await Assert.ThrowsAsync<CodeIndexException>(
                () => StaticTokenEmbedder.OpenAsync(_folder.Path("table.bin"), _folder.Path(tokens), expected, Token));
            Assert.Equal(CodeIndexError.ModelUnusable, error.Error);
        }
    }

    /// <summary>Knows two topics.</summary>
    private sealed class TopicGenerator : IEmbeddingGenerator<string, Embedding<float>>
    {
        public int Texts { get; set; }

        /// <summary>Gets how long vectors are; -1 for another length each.</summary>
        public int Dimension { get; init; } = 2;

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            var texts = values.ToList();
            Texts += texts.Count;
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(t =>
                new Embedding<float>(Vector(t.Contains("password", StringComparison.Ordinal) || t.Contains("login", StringComparison.Ordinal))))));
        }

        private float[] Vector(bool first)
        {
            var vector = new float[Dimension < 0 ? ++_made : Dimension];
            if (vector.Length > 1) (vector[0], vector[1]) = first ? (1f, 0.1f) : (0.1f, 1f);
            return vector;
        }

        private int _made;

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
