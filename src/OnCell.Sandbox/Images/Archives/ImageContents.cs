namespace OnCell.Sandboxes.Images.Archives;

/// <summary>One layer of an image.</summary>
/// <param name="Name">The file it is in.</param>
/// <param name="Digest">The digest of that file, where the format tells it.</param>
/// <param name="DiffId">The digest of the layer's tar archive, decompressed.</param>
internal sealed record ImageLayer(string Name, string? Digest, string DiffId);

/// <summary>What an image is made of, read and checked; layers are not looked into yet.</summary>
/// <param name="ConfigDigest">The digest of its configuration, which names all layers: the identity of the image.</param>
/// <param name="Layers">The layers, lowest first.</param>
/// <param name="Environment">The variables that it sets.</param>
internal sealed record ImageContents(
    string ConfigDigest, IReadOnlyList<ImageLayer> Layers, IReadOnlyDictionary<string, string> Environment);
