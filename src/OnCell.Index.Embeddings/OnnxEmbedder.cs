using System.Numerics.Tensors;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Tokenizers;

namespace OnCell.Indexing.Embeddings;

/// <summary>Embeds text by a BERT-like sentence model in ONNX format, on the processor, without a network.</summary>
/// <remarks>
/// Takes the mean of the last hidden states over the tokens that are there, brought to unit length, as sentence transformers do.
/// Calls may run at once.
/// </remarks>
public sealed class OnnxEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Texts of about one length go through the model together, so many tokens at most, the padding included.</summary>
    private const int TokensPerBatch = 2_048;

    private readonly InferenceSession _session;
    private readonly BertTokenizer _tokenizer;
    private readonly int _maxTokens;
    private readonly bool _hasTypes;

    private OnnxEmbedder(InferenceSession session, BertTokenizer tokenizer, int maxTokens)
    {
        (_session, _tokenizer, _maxTokens) = (session, tokenizer, maxTokens);
        _hasTypes = session.InputMetadata.ContainsKey("token_type_ids");
    }

    /// <summary>Opens a model. The files are trusted: get them through <see cref="ModelSource"/>, which checks their hashes.</summary>
    /// <param name="modelPath">The ONNX file, with the inputs <c>input_ids</c> and <c>attention_mask</c>.</param>
    /// <param name="tokenizerPath">Its <c>tokenizer.json</c>, of the WordPiece kind.</param>
    /// <param name="options">How it runs, or <see langword="null"/> for the defaults.</param>
    /// <param name="ct">Cancels the opening.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="CodeIndexException"><see cref="CodeIndexError.ModelUnusable"/>: missing or damaged files, or of another kind.</exception>
    public static Task<OnnxEmbedder> OpenAsync(
        string modelPath, string tokenizerPath, OnnxEmbedderOptions? options = null, CancellationToken ct = default)
    {
        options ??= new OnnxEmbedderOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTokens, 8, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxTokens, 512, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        return Task.Run(
            () =>
            {
                try
                {
                    var tokenizer = ReadTokenizer(tokenizerPath);
                    using var settings = new SessionOptions { IntraOpNumThreads = options.Threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
                    settings.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"); // idle threads do not burn a processor
                    return new OnnxEmbedder(new InferenceSession(modelPath, settings), tokenizer, options.MaxTokens);
                }
                catch (Exception e) when (e is OnnxRuntimeException or IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException)
                {
                    throw new CodeIndexException(
                        CodeIndexError.ModelUnusable, $"The model '{modelPath}' with the tokenizer '{tokenizerPath}' cannot be used: {e.Message}", e);
                }
            },
            ct);
    }

    /// <inheritdoc/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Task.Run(() => Generate([.. values], cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceKey is null && serviceType?.IsInstanceOfType(this) == true ? this : null;

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private GeneratedEmbeddings<Embedding<float>> Generate(string[] texts, CancellationToken ct)
    {
        var tokens = Array.ConvertAll(texts, t => _tokenizer.EncodeToIds(t, _maxTokens, out _, out _));
        var byLength = Enumerable.Range(0, texts.Length).OrderBy(i => tokens[i].Count).ToArray();
        var vectors = new Embedding<float>[texts.Length];
        for (var first = 0; first < byLength.Length;)
        {
            ct.ThrowIfCancellationRequested();
            var last = first;
            while (last + 1 < byLength.Length && (last + 2 - first) * tokens[byLength[last + 1]].Count <= TokensPerBatch) last++;
            Run(tokens, byLength.AsSpan(first..(last + 1)), vectors);
            first = last + 1;
        }

        return new GeneratedEmbeddings<Embedding<float>>(vectors);
    }

    private void Run(IReadOnlyList<int>[] tokens, ReadOnlySpan<int> batch, Embedding<float>[] vectors)
    {
        var width = tokens[batch[^1]].Count;
        var ids = new long[batch.Length * width];
        var mask = new long[batch.Length * width];
        for (var row = 0; row < batch.Length; row++)
        {
            var text = tokens[batch[row]];
            for (var i = 0; i < text.Count; i++) (ids[row * width + i], mask[row * width + i]) = (text[i], 1);
        }

        long[] shape = [batch.Length, width];
        using var idValue = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
        using var typeValue = OrtValue.CreateTensorValueFromMemory(new long[ids.Length], shape);
        var inputs = new Dictionary<string, OrtValue> { ["input_ids"] = idValue, ["attention_mask"] = maskValue };
        if (_hasTypes) inputs.Add("token_type_ids", typeValue);
        using var run = new RunOptions();
        using var outputs = _session.Run(run, inputs, [_session.OutputNames[0]]);
        var hidden = outputs[0].GetTensorDataAsSpan<float>();
        var dimension = hidden.Length / ids.Length;
        for (var row = 0; row < batch.Length; row++)
            vectors[batch[row]] = new Embedding<float>(Pool(hidden.Slice(row * width * dimension, tokens[batch[row]].Count * dimension), dimension));
    }

    private static float[] Pool(ReadOnlySpan<float> hidden, int dimension)
    {
        var sum = new float[dimension];
        for (var at = 0; at < hidden.Length; at += dimension) TensorPrimitives.Add(sum, hidden.Slice(at, dimension), sum);
        var norm = TensorPrimitives.Norm(sum);
        if (norm > 0) TensorPrimitives.Divide(sum, norm, sum);
        return sum;
    }

    /// <summary>Makes the tokenizer from the vocabulary inside <c>tokenizer.json</c>.</summary>
    private static BertTokenizer ReadTokenizer(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var words = document.RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject()
            .OrderBy(w => w.Value.GetInt32()).Select(w => w.Name);
        return BertTokenizer.Create(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', words) + "\n")));
    }
}
