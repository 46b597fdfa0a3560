namespace SecuritySample;

/// <summary>What a deployment decides about its security agent: the section <c>SecurityAgent</c> of the configuration.</summary>
public sealed class SecurityAgentOptions
{
    /// <summary>Gets or sets the folder of this host with the customers' sources, as <c>.tar.gz</c>: nothing else comes into a cell.</summary>
    public string Archives { get; set; } = "/var/lib/oncell-archives";

    /// <summary>Gets or sets the local model that judges.</summary>
    public string Model { get; set; } = "local";

    /// <summary>Gets or sets the model's weights, a GGUF file.</summary>
    public string Weights { get; set; } = "/models/local.gguf";

    /// <summary>Gets or sets processors and memory of each cell.</summary>
    public string Compute { get; set; } = "1cpu-1gb";

    /// <summary>Gets or sets the disk of each cell.</summary>
    public string Storage { get; set; } = "2gb";

    /// <summary>Gets or sets how many tokens one judgement may take.</summary>
    /// <value>The default is 300.</value>
    public int MaxOutputTokens { get; set; } = 300;
}
