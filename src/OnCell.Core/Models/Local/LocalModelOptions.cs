using System.ComponentModel.DataAnnotations;
using OnCell.Indexing;
using OnCell.Models.Local;

namespace OnCell;

/// <summary>A model on this host: llama.cpp's server in a sandbox of its own, without a network, shared by all cells.</summary>
public sealed class LocalModelOptions
{
    /// <summary>Gets or sets the path of the weights, a GGUF file. Or set <see cref="File"/> and <see cref="Source"/>.</summary>
    public string? Weights { get; set; }

    /// <summary>Gets or sets the weights as a pinned file, fetched by <see cref="Source"/> when the model is first asked.</summary>
    public ModelFile? File { get; set; }

    /// <summary>Gets or sets where <see cref="File"/> is kept and how it is had.</summary>
    public ModelSourceOptions? Source { get; set; }

    /// <summary>Gets or sets the folder of a root file system that has <c>llama-server</c>.</summary>
    /// <value>The default is <see langword="null"/>: built from Debian's packages (<c>llama.cpp-tools</c> of <see cref="Suite"/>).</value>
    public string? RootFileSystem { get; set; }

    /// <summary>Gets or sets Debian's release that the server is taken from. Its signatures are verified with the host's Debian keyring.</summary>
    /// <value>The default is <c>forky</c>, the first that has it.</value>
    [Required]
    public string Suite { get; set; } = "forky";

    /// <summary>Gets or sets the processors of the sandbox.</summary>
    /// <value>The default is all of the host's.</value>
    [Range(0.1, 1024)]
    public double Cpus { get; set; } = Environment.ProcessorCount;

    /// <summary>Gets or sets the memory cap of the sandbox in bytes.</summary>
    /// <value>The default is <see langword="null"/>: the size of the weights and 2 GiB.</value>
    public long? MemoryBytes { get; set; }

    /// <summary>Gets or sets the window of each conversation in tokens: prompt and answer together.</summary>
    /// <value>The default is 4,096.</value>
    [Range(128, 10_000_000)]
    public int ContextTokens { get; set; } = 4096;

    /// <summary>
    /// Gets or sets whether llama.cpp's own form of the weights' chat template is used instead of the template they carry. For
    /// older weights whose template does not go with answers by a schema ("Failed to initialize samplers"); tools need the template.
    /// </summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool BuiltInTemplate { get; set; }

    /// <summary>Gets or sets how many answers are given at once. Others wait in turn.</summary>
    /// <value>The default is 2; 1 to 64. Each takes memory for <see cref="ContextTokens"/>.</value>
    [Range(1, 64)]
    public int Parallel { get; set; } = 2;

    /// <summary>Gets or sets how many calls may wait. The next is told that the model is busy.</summary>
    /// <value>The default is 100; 0 to 10,000.</value>
    [Range(0, 10_000)]
    public int MaxQueued { get; set; } = 100;

    /// <summary>Gets or sets how long the server may be idle before it is stopped, which frees its memory.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets how long the server may take to load its weights.</summary>
    /// <value>The default is 5 minutes.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(5);

    internal ModelWeights WeightsSource => new(nameof(LocalModelOptions), Weights, File, Source);
}
