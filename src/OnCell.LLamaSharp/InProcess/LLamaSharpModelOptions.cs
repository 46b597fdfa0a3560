using System.ComponentModel.DataAnnotations;
using OnCell.Indexing;
using OnCell.Models.Local;

namespace OnCell;

/// <summary>A model in this process, by LLamaSharp. The application chooses llama.cpp's build by the LLamaSharp.Backend.* package that it references.</summary>
public sealed class LLamaSharpModelOptions
{
    /// <summary>Gets or sets the path of the weights, a GGUF file. Or set <see cref="File"/> and <see cref="Source"/>.</summary>
    public string? Weights { get; set; }

    /// <summary>Gets or sets the weights as a pinned file, fetched by <see cref="Source"/> when the model is first asked.</summary>
    public ModelFile? File { get; set; }

    /// <summary>Gets or sets where <see cref="File"/> is kept and how it is had.</summary>
    public ModelSourceOptions? Source { get; set; }

    /// <summary>Gets or sets the window of each conversation in tokens: prompt and answer together.</summary>
    /// <value>The default is 4,096; 128 to 10,000,000.</value>
    [Range(128, 10_000_000)]
    public int ContextTokens { get; set; } = 4096;

    /// <summary>
    /// Gets or sets how many answers are given at once; others wait in turn. They share the processors token by token, so more
    /// of them are fairer and not faster.
    /// </summary>
    /// <value>The default is 2; 1 to 64. Each takes memory for <see cref="ContextTokens"/>.</value>
    [Range(1, 64)]
    public int MaxConcurrent { get; set; } = 2;

    /// <summary>Gets or sets how many calls may wait. The next is told that the model is busy.</summary>
    /// <value>The default is 100; 0 to 10,000.</value>
    [Range(0, 10_000)]
    public int MaxQueued { get; set; } = 100;

    /// <summary>Gets or sets the threads that compute.</summary>
    /// <value>The default is the host's processors; 1 to 1,024.</value>
    [Range(1, 1024)]
    public int Threads { get; set; } = Environment.ProcessorCount;

    /// <summary>Gets or sets how many of the model's layers are computed by the GPU, where the backend has one.</summary>
    /// <value>The default is 999, all of them; 0 keeps a GPU out of it.</value>
    [Range(0, 10_000)]
    public int GpuLayers { get; set; } = 999;

    internal ModelWeights WeightsSource => new(nameof(LLamaSharpModelOptions), Weights, File, Source);
}
