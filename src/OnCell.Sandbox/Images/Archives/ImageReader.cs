using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OnCell.Sandboxes.Images.Archives;

/// <summary>Reads the index of an OCI layout or of an archive made by <c>docker save</c>.</summary>
/// <remarks>See <see href="https://github.com/opencontainers/image-spec/blob/main/image-layout.md">the OCI image layout</see>.</remarks>
internal sealed partial class ImageReader(IBlobSource source, ImageLimits limits)
{
    private const int MaxJsonBytes = 4 << 20;
    private const int MaxNesting = 4;

    /// <exception cref="ImageFormatException">It is no image, one for other machines, or damaged.</exception>
    internal ImageContents Read()
    {
        try
        {
            if (ReadFile("index.json") is { } index)
                return ReadOci(index);
            if (ReadFile("manifest.json") is { } manifest)
                return ReadDocker(manifest);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ImageFormatException($"The image's index or configuration is malformed: {error.Message}", error);
        }

        throw new ImageFormatException("This is neither an OCI layout (it has no index.json) nor saved by Docker (it has no manifest.json).");
    }

    private ImageContents ReadOci(byte[] json)
    {
        for (var depth = 0; depth < MaxNesting; depth++)
        {
            using var index = JsonDocument.Parse(json);
            if (index.RootElement.TryGetProperty("config", out var config))
            {
                var layers = index.RootElement.GetProperty("layers").EnumerateArray()
                    .Select(layer => Digest(layer.GetProperty("digest").GetString())).ToList();
                var digest = Digest(config.GetProperty("digest").GetString());
                return Contents(digest, ReadBlob(digest), layers.Select(layer => (BlobName(layer), (string?)layer)).ToList());
            }

            json = ReadBlob(Choose(index.RootElement));
        }

        throw new ImageFormatException("The image's indexes are nested too deeply.");
    }

    private ImageContents ReadDocker(byte[] json)
    {
        using var manifest = JsonDocument.Parse(json);
        var images = manifest.RootElement.EnumerateArray().ToList();
        if (images.Count != 1)
            throw new ImageFormatException($"The archive has {images.Count} images: save one, by its name.");
        var name = images[0].GetProperty("Config").GetString() ?? "";
        var config = ReadFile(name) ?? throw Missing(name);
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(config));
        if (HexDigest().Match(name) is { Success: true } promised && "sha256:" + promised.Value != digest)
            throw new ImageFormatException($"The image's configuration is damaged or was changed: its digest is {digest} and should be sha256:{promised.Value}.");
        var layers = images[0].GetProperty("Layers").EnumerateArray().Select(layer => (Name: layer.GetString() ?? "", Digest: (string?)null));
        return Contents(digest, config, layers.ToList());
    }

    private ImageContents Contents(string configDigest, byte[] json, IReadOnlyList<(string Name, string? Digest)> layers)
    {
        using var config = JsonDocument.Parse(json);
        var (os, machine) = (Text(config.RootElement, "os"), Text(config.RootElement, "architecture"));
        if (os is not (null or "linux") || machine is not null && machine != Machine)
            throw new ImageFormatException($"The image is for {os}/{machine}, and this host is linux/{Machine}.");
        if (layers.Count > limits.Layers)
            throw new ImageFormatException($"The image has {layers.Count} layers; {limits.Layers} are the most.");
        var diffIds = config.RootElement.GetProperty("rootfs").GetProperty("diff_ids").EnumerateArray().Select(id => Digest(id.GetString())).ToList();
        if (diffIds.Count != layers.Count)
            throw new ImageFormatException($"The image has {layers.Count} layers and the digests of {diffIds.Count}.");
        var environment = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (config.RootElement.TryGetProperty("config", out var run) && run.ValueKind == JsonValueKind.Object
            && run.TryGetProperty("Env", out var variables) && variables.ValueKind == JsonValueKind.Array)
        {
            foreach (var pair in variables.EnumerateArray().Select(v => (v.GetString() ?? "").Split('=', 2)).Where(p => p is [{ Length: > 0 }, _] && !IsOfTheWayOut(p[0])))
                environment[pair[0]] = pair[1];
        }

        return new ImageContents(configDigest, [.. layers.Zip(diffIds, (layer, diffId) => new ImageLayer(layer.Name, layer.Digest, diffId))], environment);
    }

    // An image may not take a cell's proxy and git credentials away.
    private static bool IsOfTheWayOut(string variable) =>
        variable.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase) || variable.StartsWith("GIT_CONFIG", StringComparison.Ordinal);

    // The one image for this machine. What has no platform is taken; "unknown" is how build tools mark what is no image.
    private static string Choose(JsonElement index)
    {
        var fitting = index.GetProperty("manifests").EnumerateArray().Where(Fits)
            .Select(manifest => Digest(manifest.GetProperty("digest").GetString())).Distinct().ToList();
        return fitting.Count == 1
            ? fitting[0]
            : throw new ImageFormatException(fitting.Count == 0
                ? $"There is no image for linux/{Machine} in it."
                : $"There are {fitting.Count} images for linux/{Machine} in it: save one.");
    }

    private static bool Fits(JsonElement manifest) =>
        !manifest.TryGetProperty("platform", out var platform)
        || ((Text(platform, "os") ?? "linux") == "linux" && (Text(platform, "architecture") ?? Machine) == Machine);

    private byte[] ReadBlob(string digest)
    {
        var name = BlobName(digest);
        using var stream = new CheckedStream(source.Open(name) ?? throw Missing(name), name, MaxJsonBytes);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        stream.Require(digest);
        return content.ToArray();
    }

    private byte[]? ReadFile(string name)
    {
        using var file = source.Open(CheckedName(name));
        if (file is null)
            return null;
        using var stream = new CheckedStream(file, name, MaxJsonBytes);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Refuses a name that leads out of the layout.</summary>
    internal static string CheckedName(string name) => string.Join('/', RootFolder.Split(name));

    internal static ImageFormatException Missing(string name) =>
        new($"The image is incomplete: there is no \"{TarScanner.Shown(name)}\" in it.");

    private static string BlobName(string digest) => "blobs/sha256/" + digest["sha256:".Length..];

    private static string Digest(string? text) => text is not null && DigestForm().IsMatch(text)
        ? text
        : throw new ImageFormatException($"\"{TarScanner.Shown(text ?? "")}\" is no digest that is known here; sha256 is.");

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : null;

    private static string Machine => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z")]
    private static partial Regex DigestForm();

    [GeneratedRegex(@"[0-9a-f]{64}(?=\.json\z|\z)")]
    private static partial Regex HexDigest();
}
