using Microsoft.Extensions.AI;
using OnCell.Indexing;
using OnCell.Indexing.Embeddings;

namespace OnCell.Benchmarks.Index;

/// <summary>An embedding model to measure.</summary>
internal sealed record DenseModel(string Name, string ModelName, IEmbeddingGenerator<string, Embedding<float>> Generator)
{
    public CodeIndexOptions Options => new() { EmbeddingGenerator = Generator, EmbeddingModel = ModelName };
}

/// <summary>Opens the models whose weights are on this machine.</summary>
/// <remarks>
/// <c>--models DIR</c> names a folder with what <c>eng/models.sh</c> puts there; without it, that script's own folder is looked at. A
/// benchmark downloads nothing.
/// </remarks>
internal static class DenseModels
{
    public static async Task<List<DenseModel>> OpenAsync(BenchmarkOptions options)
    {
        var folder = options.Values.GetValueOrDefault("--models", "/var/cache/oncell/npm");
        var models = new List<DenseModel>();
        if (!Directory.Exists(folder))
        {
            Console.Error.WriteLine($"no dense model is measured: '{folder}' is missing; run eng/models.sh, or give --models DIR");
            return models;
        }

        using var source = new ModelSource(new ModelSourceOptions
        {
            Folder = Path.Combine(options.WorkFolder, "models"),
            OfflineFolder = folder,
            AllowDownloads = false,
        });
        await AddAsync("code_table", CodeTable.ModelName, () => CodeTable.OpenAsync(source));
        await AddAsync("minilm", MiniLm.ModelName, () => MiniLm.OpenAsync(source, new OnnxEmbedderOptions { Threads = Environment.ProcessorCount }));
        return models;

        async Task AddAsync(string name, string modelName, Func<Task<IEmbeddingGenerator<string, Embedding<float>>>> open)
        {
            try
            {
                models.Add(new DenseModel(name, modelName, await open()));
            }
            catch (CodeIndexException e)
            {
                Console.Error.WriteLine($"{name} is not measured: {e.Message}");
            }
        }
    }
}
