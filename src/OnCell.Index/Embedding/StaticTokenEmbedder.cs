using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.AI;
using OnCell.Indexing.Search;
using OnCell.Indexing.Tokens;

namespace OnCell.Indexing;

/// <summary>Embeds code by a table of token vectors: no network, no neural network, thousands of chunks a second.</summary>
/// <remarks>
/// A text's vector is the weighted sum of the vectors of its identifiers, whole and in parts; what the table does not know is
/// cut into the longest pieces it does. The table is one file, little-endian: token count (u32), dimension (u32), then a row of
/// signed bytes for each token; the tokens are a text file, one a line, in the order of the rows.
/// </remarks>
public sealed class StaticTokenEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    private const int HeaderBytes = 8;
    private const int ShortestPiece = 2;

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly byte[] _table;
    private readonly int _dimension;

    private StaticTokenEmbedder(byte[] table, int dimension, Dictionary<string, int> rows)
    {
        _table = table;
        _dimension = dimension;
        _lookup = rows.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Reads a table and its tokens.</summary>
    /// <param name="tablePath">The file with the rows.</param>
    /// <param name="tokensPath">The file with the tokens.</param>
    /// <param name="tableSha256">The expected SHA-256 of the rows' file, in hexadecimal.</param>
    /// <param name="ct">Cancels the reading.</param>
    /// <exception cref="CodeIndexException"><see cref="CodeIndexError.ModelUnusable"/>: missing, other or damaged files.</exception>
    public static async Task<StaticTokenEmbedder> OpenAsync(
        string tablePath, string tokensPath, string tableSha256, CancellationToken ct = default)
        => await OpenAsync(
            tablePath, await ReadAsync(() => File.ReadAllLinesAsync(tokensPath, ct)).ConfigureAwait(false), tableSha256, ct).ConfigureAwait(false);

    /// <summary>Reads a table whose tokens are known.</summary>
    /// <param name="tablePath">The file with the rows.</param>
    /// <param name="tokens">The tokens, in the order of the rows.</param>
    /// <param name="tableSha256">The expected SHA-256 of the rows' file, in hexadecimal.</param>
    /// <param name="ct">Cancels the reading.</param>
    /// <exception cref="CodeIndexException"><see cref="CodeIndexError.ModelUnusable"/>: a missing, other or damaged file.</exception>
    public static async Task<StaticTokenEmbedder> OpenAsync(
        string tablePath, IReadOnlyList<string> tokens, string tableSha256, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(tableSha256);
        var table = await ReadAsync(() => File.ReadAllBytesAsync(tablePath, ct)).ConfigureAwait(false);
        var hash = Convert.ToHexStringLower(SHA256.HashData(table));
        if (!hash.Equals(tableSha256, StringComparison.OrdinalIgnoreCase))
            throw Unusable($"'{tablePath}' has the SHA-256 {hash}, not {tableSha256}. Get the file anew.");
        if (table.Length < HeaderBytes) throw Unusable($"'{tablePath}' is too short for a table.");

        var (count, dimension) = (BitConverter.ToInt32(table, 0), BitConverter.ToInt32(table, 4));
        if (dimension <= 0 || count != tokens.Count || table.Length != HeaderBytes + (long)count * dimension)
            throw Unusable($"'{tablePath}' has {count} rows of {dimension}, for {tokens.Count} tokens. They must match.");

        var rows = new Dictionary<string, int>(count, StringComparer.Ordinal);
        for (var row = 0; row < count; row++) rows.TryAdd(tokens[row], row);
        return new StaticTokenEmbedder(table, dimension, rows);
    }

    /// <inheritdoc/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Task.Run(
            () => new GeneratedEmbeddings<Embedding<float>>(values.Select(text =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return new Embedding<float>(Embed(text));
            })),
            cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is null && serviceType?.IsInstanceOfType(this) == true ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        // Holds nothing but memory.
    }

    private float[] Embed(string text)
    {
        var counts = new Dictionary<int, float>();
        var position = 0;
        while (Identifiers.TryNext(text, ref position, out var identifier))
        {
            if (StopWords.Contains(identifier) || identifier.Length > 64) continue;
            AddIdentifier(identifier, counts);
        }

        var sum = new float[_dimension];
        var row = new float[_dimension];
        foreach (var (token, count) in counts)
        {
            Dequantize(token, row);
            TensorPrimitives.MultiplyAdd(row, 1 + MathF.Log(count), sum, sum);
        }

        return sum;
    }

    private void AddIdentifier(ReadOnlySpan<char> identifier, Dictionary<int, float> counts)
    {
        Span<char> lower = stackalloc char[identifier.Length];
        identifier.ToLowerInvariant(lower);
        var known = _lookup.TryGetValue(lower, out var whole);
        if (known) Count(counts, whole);

        var position = 0;
        while (Identifiers.TryNextPart(identifier, ref position, out var part))
        {
            if (!known || part.Length < identifier.Length) AddPieces(lower[(position - part.Length)..position], counts);
        }
    }

    /// <summary>Cuts a word into the longest tokens of the table, from the left.</summary>
    private void AddPieces(ReadOnlySpan<char> word, Dictionary<int, float> counts)
    {
        while (word.Length >= ShortestPiece)
        {
            var length = word.Length;
            var row = -1;
            while (length >= ShortestPiece && !_lookup.TryGetValue(word[..length], out row)) length--;
            if (length >= ShortestPiece) Count(counts, row);
            word = word[(length < ShortestPiece ? 1 : length)..];
        }
    }

    private static void Count(Dictionary<int, float> counts, int row)
        => CollectionsMarshal.GetValueRefOrAddDefault(counts, row, out _)++;

    private void Dequantize(int token, float[] row)
    {
        var source = MemoryMarshal.Cast<byte, sbyte>(
            _table.AsSpan(HeaderBytes + token * _dimension, _dimension));
        for (var i = 0; i < row.Length; i++) row[i] = source[i];
    }

    private static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CodeIndexException(CodeIndexError.ModelUnusable, $"The token table cannot be read: {e.Message}", e);
        }
    }

    private static CodeIndexException Unusable(string message) => new(CodeIndexError.ModelUnusable, message);
}
