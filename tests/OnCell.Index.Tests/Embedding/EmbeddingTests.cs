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

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            var texts = values.ToList();
            Texts += texts.Count;
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(t =>
                new Embedding<float>(t.Contains("password", StringComparison.Ordinal) || t.Contains("login", StringComparison.Ordinal)
                    ? new float[] { 1, 0.1f }
                    : new float[] { 0.1f, 1 }))));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
