using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace OnCell.Sandbox.Tests.Images;

/// <summary>An image as it is saved: by Docker, or as an OCI layout.</summary>
internal sealed class SavedImage
{
    private readonly byte[][] _layers;
    private readonly byte[] _config;

    internal SavedImage(params byte[][] layers)
        : this("amd64", layers)
    {
    }

    internal SavedImage(string machine, byte[][] layers, IEnumerable<string>? diffIds = null)
    {
        _layers = layers;
        _config = Json(new JsonObject
        {
            ["architecture"] = machine,
            ["os"] = "linux",
            ["config"] = new JsonObject { ["Env"] = new JsonArray("PATH=/opt/bin:/bin", "https_proxy=http://elsewhere", "GIT_CONFIG_COUNT=9") },
            ["rootfs"] = new JsonObject
            {
                ["type"] = "layers",
                ["diff_ids"] = new JsonArray([.. (diffIds ?? layers.Select(Digest)).Select(id => (JsonNode)id!)]),
            },
        });
    }

    internal static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    internal static byte[] Gzip(byte[] content)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
            gzip.Write(content);
        return buffer.ToArray();
    }

    internal static byte[] Zstandard(byte[] content)
    {
        using var zstandard = new ZstdSharp.Compressor();
        return zstandard.Wrap(content).ToArray();
    }

    /// <summary>In two frames and one that is to be skipped, as what can be fetched in parts is packed.</summary>
    internal static byte[] ZstandardInFrames(byte[] content) =>
        [.. Zstandard(content[..700]), 0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3, .. Zstandard(content[700..])];

    /// <summary>As <c>docker save</c> writes it, the same layer twice as a link.</summary>
    internal byte[] Docker(Action<JsonObject>? change = null)
    {
        var tar = new TarBuilder();
        var name = Digest(_config)["sha256:".Length..];
        var manifest = new JsonObject
        {
            ["Config"] = name + ".json",
            ["RepoTags"] = new JsonArray("test:latest"),
            ["Layers"] = new JsonArray([.. _layers.Select((_, i) => (JsonNode)$"layer{i}/layer.tar"!)]),
        };
        change?.Invoke(manifest);
        for (var i = 0; i < _layers.Length; i++)
        {
            var first = Array.FindIndex(_layers, layer => layer.AsSpan().SequenceEqual(_layers[i]));
            if (first < i)
                tar.Link($"layer{i}/layer.tar", $"../layer{first}/layer.tar");
            else
                tar.File($"layer{i}/layer.tar", _layers[i]);
        }

        return tar.File(name + ".json", _config).File("manifest.json", Json(new JsonArray(manifest))).End();
    }

    /// <summary>As an OCI layout, its layers compressed, beside an image for another machine.</summary>
    internal IReadOnlyDictionary<string, byte[]> Oci(Func<byte[], byte[]>? pack = null)
    {
        var files = new Dictionary<string, byte[]> { ["oci-layout"] = """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray() };
        var manifest = Json(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["config"] = Blob(_config),
            ["layers"] = new JsonArray([.. _layers.Select(layer => (JsonNode)Blob((pack ?? Gzip)(layer)))]),
        });
        var other = Blob(manifest);
        other["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "s390x" };
        var own = Blob(manifest);
        own["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = "amd64" };
        files["index.json"] = Json(new JsonObject { ["manifests"] = new JsonArray(Blob(Json(new JsonObject { ["manifests"] = new JsonArray(other, own) }))) });
        return files;

        JsonObject Blob(byte[] content)
        {
            files["blobs/sha256/" + Digest(content)["sha256:".Length..]] = content;
            return new JsonObject { ["digest"] = Digest(content), ["size"] = content.Length };
        }
    }

    internal static byte[] Tar(IReadOnlyDictionary<string, byte[]> files) =>
        files.Aggregate(new TarBuilder(), (tar, file) => tar.File(file.Key, file.Value)).End();

    private static byte[] Json(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());
}
