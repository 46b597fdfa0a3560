using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Images;

namespace OnCell.Sandbox.Tests.Images;

/// <summary>Images made to harm. Each is refused with a reason or lands inside its own folder; the host stays as it was.</summary>
public sealed class HostileImageTests : IDisposable
{
    private const int Iterations = 150;

    private readonly TemporaryFolder _folder = new();

    public HostileImageTests()
    {
        Directory.CreateDirectory(_folder["host"]);
        File.WriteAllText(_folder["host/victim"], "unharmed");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Host => _folder["host"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("../planted")]
    [InlineData("../../host/planted")]
    [InlineData("a/../../../host/planted")]
    [InlineData("a/b/..")]
    [InlineData("..")]
    public async Task A_path_that_leads_out_is_refused(string name) => await RefusedAsync(Layer(t => t.File(name, "x")), "leads out");

    [Theory]
    [InlineData("{host}/planted")]
    [InlineData("//{host}/planted")]
    [InlineData("./{host}/./planted")]
    public async Task An_absolute_path_lands_inside(string name) => await InsideAsync(Layer(t => t.File(name.Replace("{host}", Host), "x")));

    [Theory]
    [InlineData("{host}")]
    [InlineData("../../../../../../../../../../{host}")]
    [InlineData("/proc/self/cwd")]
    [InlineData("/proc/1/root")]
    [InlineData("self")]
    public async Task Writing_through_a_link_does_not_leave_the_image(string target)
    {
        target = target.Replace("{host}", Host);
        await EitherAsync(Layer(t => t.Link("self", target).File("self/planted", "x")));
        await EitherAsync(Layer(t => t.Link("self", target).Folder("self/planted").File("self/planted/x", "x")));
        await EitherAsync(Layer(t => t.Link("self", target)), Layer(t => t.File("self/planted", "x"))[0]);
        await EitherAsync(Layer(t => t.Folder("a").Link("a/self", target).HardLink("mine", "a/self/victim")));
        await EitherAsync(Layer(t => t.Link("self", target).File("self/.wh.victim", "")));
        await EitherAsync(Layer(t => t.Link("self", target).File("self/.wh..wh..opq", "")));
        await EitherAsync(Layer(t => t.Link("etc", target).Link("work", target).Link("run", target).Link("tmp", target)));
    }

    [Fact]
    public async Task A_file_over_a_link_replaces_the_link_and_not_its_target()
    {
        await InsideAsync(Layer(t => t.Link("file", Host + "/victim").File("file", "changed")));
        await InsideAsync(Layer(t => t.Link("folder", Host).Folder("folder", 0)));
    }

    [Theory]
    [InlineData("{host}/victim")]
    [InlineData("../../../../host/victim")]
    [InlineData("nothing")]
    [InlineData("folder")]
    [InlineData("")]
    public async Task A_hard_link_to_anything_but_a_file_of_the_image_is_refused(string target) =>
        await RefusedAsync(Layer(t => t.Folder("folder").HardLink("mine", target.Replace("{host}", Host))), target.StartsWith("..", StringComparison.Ordinal) ? "leads out" : "hard link");

    [Theory]
    [InlineData('3', "disk")]
    [InlineData('4', "disk")]
    [InlineData('3', "etc/memory")]
    public async Task A_device_is_refused(char kind, string name) => await RefusedAsync(Layer(t => t.Add(kind, name)), "is a device");

    [Theory]
    [InlineData(".wh.")]
    [InlineData(".wh..")]
    [InlineData(".wh...")]
    [InlineData("a/.wh...")]
    public async Task A_whiteout_of_no_name_is_refused(string name) => await RefusedAsync(Layer(t => t.Folder("a").File(name, "")), "whiteout");

    [Fact]
    public async Task Bombs_meet_the_limits()
    {
        await RefusedAsync(Layer(t => t.File("big", new byte[2 << 20])), "bytes unpacked", o => o.Limits.UnpackedBytes = 1 << 20);
        await RefusedAsync(new SavedImage(new TarBuilder().File("big", new byte[8 << 20]).End()).Oci(), "more than", o => o.Limits.ArchiveBytes = 1 << 20);
        await RefusedAsync(Layer(t => Enumerable.Range(0, 50).Aggregate(t, (tar, i) => tar.File($"f{i}", ""))), "entries", o => o.Limits.Entries = 40);
        await RefusedAsync([.. Enumerable.Repeat(new TarBuilder().File("a", "").End(), 9)], "layers", o => o.Limits.Layers = 8);
        await RefusedAsync(Layer(t => t.Add('x', "pax", size: 4L << 30)), "extended header");
        await RefusedAsync(Layer(t => t.Add('L', "long", size: 4L << 30)), "extended header");
        await RefusedAsync(Layer(t => t.File("a", "").Add('0', "b", size: 1L << 40)), "ends in the middle");
        await RefusedAsync(Layer(t => t.File(string.Join('/', Enumerable.Repeat("d", 3000)), "x")), "too long");
        await RefusedAsync(Layer(t => t.File(new string('n', 300), "x")), "too long");
    }

    [Fact]
    public async Task Damage_is_refused()
    {
        await RefusedAsync(Layer(t => t.Add('0', "a", size: -1)), "damaged");
        await RefusedAsync(Layer(t => t.Add('S', "sparse")), "sparse");
        await RefusedAsync(Layer(t => t.Add('Z', "strange")), "unknown kind");
        await RefusedAsync(Layer(t => t.Add('2', "link", link: "")), "points to");
        await RefusedAsync(Layer(t => t.Add('x', "pax", "9999999 path=x\n"u8.ToArray())), "malformed");
        await RefusedAsync(Layer(t => t.Add('x', "pax", "14 size=99999\n"u8.ToArray()).File("a", "x")), "ends in the middle");
        await RefusedAsync([[.. new TarBuilder().File("a", "x").End().Take(700)]], "ends in the middle");
    }

    [Fact]
    public async Task Damage_in_what_is_packed_by_zstd_is_refused()
    {
        var packed = SavedImage.Zstandard(new TarBuilder().File("a", new string('x', 100_000)).End());
        await RefusedAsync([packed[..^9]], "import");
        await RefusedAsync(packed[..^9], "import");
        await RefusedAsync([[.. packed[..4], 0xFF, .. packed[5..]]], "zstd");
        await RefusedAsync([0x28, 0xB5, 0x2F, 0xFD, 0xFF, 0xFF, 0xFF], "");

        // A frame that asks for a window of a gigabyte, and a bomb: a gigabyte of nothing in some dozen kilobytes.
        await RefusedAsync([0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA0, 0x01, 0x00, 0x00], "zstd");
        await RefusedAsync(SavedImage.Zstandard(new byte[64 << 20]), "more than", o => o.Limits.ArchiveBytes = 1 << 20);
    }

    [Fact]
    public async Task An_image_that_is_not_what_it_says_is_refused()
    {
        var layer = new TarBuilder().File("a", "x").End();
        var other = SavedImage.Digest("other"u8.ToArray());
        await RefusedAsync(new SavedImage("amd64", [layer], [other]).Docker(), "should be " + other);
        await RefusedAsync(new SavedImage("amd64", [layer], []).Docker(), "digests of 0");
        await RefusedAsync(new SavedImage("amd64", [layer], ["md5:x"]).Docker(), "no digest");
        await RefusedAsync(new SavedImage("s390x", [layer]).Docker(), "s390x");
        await RefusedAsync(new SavedImage(layer).Docker(m => m["Config"] = new string('a', 64) + ".json"), "incomplete");
        await RefusedAsync(new SavedImage(layer).Docker(m => m["Config"] = "../../host/victim"), "leads out");
        await RefusedAsync(new SavedImage(layer).Docker(m => m["Layers"] = new JsonArray("../../../host/victim")), "leads out");
        await RefusedAsync(new SavedImage(layer).Docker(m => m["Layers"] = 7), "malformed");
        await RefusedAsync(new TarBuilder().File("manifest.json", "{").End(), "malformed");
        await RefusedAsync(new TarBuilder().File("manifest.json", "[[[[").End(), "malformed");
        await RefusedAsync(new TarBuilder().File("readme", "no image").End(), "neither");
        await RefusedAsync(Encoding.UTF8.GetBytes(new string('x', 5000)), "damaged");
        await RefusedAsync([0x1F, 0x8B, 1, 2, 3], "could not be imported");
        await RefusedAsync(new TarBuilder().Link("index.json", Host + "/victim").End(), "neither");

        var oci = new Dictionary<string, byte[]>(new SavedImage(layer).Oci());
        var blob = oci.Keys.First(name => name.StartsWith("blobs/", StringComparison.Ordinal));
        oci[blob] = "changed"u8.ToArray();
        await RefusedAsync(oci, "its digest is");
    }

    [Fact]
    public async Task A_link_in_a_layouts_folder_is_not_followed()
    {
        var layout = Directory.CreateDirectory(_folder["layout"]).FullName;
        File.CreateSymbolicLink(layout + "/index.json", Host + "/victim");
        var error = await Assert.ThrowsAnyAsync<SandboxException>(() => Store().ImportAsync(layout, null, Cancellation));
        Assert.Contains("neither", error.Message, StringComparison.Ordinal);
    }

    // Whatever the bytes: an image inside its folder, or a refusal, and nothing else on the host.
    [Fact]
    public async Task Any_damage_to_an_archive_ends_in_an_image_or_a_refusal()
    {
        var good = new SavedImage(
            new TarBuilder().Folder("a").File("a/b", "content").Link("l", "a").HardLink("h", "a/b").End(), new TarBuilder().File("l/c", "x").File("a/.wh.b", "").End()).Docker();
        await Gen.Select(Gen.Int[0, good.Length - 1].Array[1, 8], Gen.Byte.Array[8], Gen.Int[0, good.Length]).SampleAsync(
            async (places, values, length) =>
            {
                var archive = (byte[])good.Clone();
                for (var i = 0; i < places.Length; i++)
                    archive[places[i]] = values[i];
                await EitherAsync(places[0] % 2 == 0 ? archive : archive[..length]);
            }, iter: Iterations, threads: 1);
    }

    [Fact]
    public async Task Any_mix_of_hostile_entries_stays_inside()
    {
        string[] names = ["a", "a/b", "a/b/c", "l", "l/x", "l/l", "./a/./b", "/a", "a//b", ".wh.a", "a/.wh..wh..opq", "l/.wh.victim", "victim", "etc", "work", "a/../l"];
        string[] targets = [Host, "/", "..", "../..", "a", "l", ".", "/proc/self/fd", Host + "/victim", "a/b", "/l/l"];
        var entry = Gen.Select(OneOf('0', '0', '5', '2', '2', '1', '6'), OneOf(names), OneOf(targets));
        await Gen.Select(entry.Array[1, 8], entry.Array[0, 8]).SampleAsync(
            async (lower, upper) => await EitherAsync(new SavedImage(Tar(lower), Tar(upper)).Docker()), iter: Iterations, threads: 1);

        static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

        static byte[] Tar((char Kind, string Name, string Target)[] entries) => entries.Aggregate(
            new TarBuilder(), (tar, e) => tar.Add(e.Kind, e.Name, e.Kind == '0' ? "x"u8.ToArray() : null, e.Kind is '1' or '2' ? e.Target : "")).End();
    }

    private static byte[][] Layer(Func<TarBuilder, TarBuilder> fill) => [fill(new TarBuilder()).End()];

    private ImageStore Store(Action<ImageStoreOptions>? configure = null)
    {
        var options = new ImageStoreOptions { Folder = _folder["images"] };
        configure?.Invoke(options);
        return new ImageStore(options);
    }

    private Task RefusedAsync(byte[][] layers, string reason, Action<ImageStoreOptions>? configure = null) =>
        RefusedAsync(new SavedImage(layers).Docker(), reason, configure);

    private Task RefusedAsync(IReadOnlyDictionary<string, byte[]> layout, string reason, Action<ImageStoreOptions>? configure = null) =>
        RefusedAsync(SavedImage.Tar(layout), reason, configure);

    private async Task RefusedAsync(byte[] archive, string reason, Action<ImageStoreOptions>? configure = null)
    {
        await File.WriteAllBytesAsync(_folder["archive"], archive, Cancellation);
        var error = await Assert.ThrowsAnyAsync<SandboxException>(() => Store(configure).ImportAsync(_folder["archive"], null, Cancellation));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        AssertUnharmed();
        Assert.Equal([".lock"], Directory.GetFileSystemEntries(_folder["images"]).Select(path => Path.GetFileName(path)));
    }

    private async Task InsideAsync(byte[][] layers)
    {
        await File.WriteAllBytesAsync(_folder["archive"], new SavedImage(layers).Docker(), Cancellation);
        await Store().ImportAsync(_folder["archive"], null, Cancellation);
        AssertUnharmed();
    }

    private Task EitherAsync(byte[][] layers, params byte[][] more) => EitherAsync(new SavedImage([.. layers, .. more]).Docker());

    private async Task EitherAsync(byte[] archive)
    {
        await File.WriteAllBytesAsync(_folder["archive"], archive, Cancellation);
        try
        {
            await Store().ImportAsync(_folder["archive"], null, Cancellation);
        }
        catch (SandboxException)
        {
            // refused
        }

        AssertUnharmed();
        Assert.False(Directory.Exists(_folder["images/.building-import"]));
    }

    private void AssertUnharmed()
    {
        Assert.Equal("unharmed", File.ReadAllText(_folder["host/victim"]));
        Assert.Equal(["victim"], Directory.GetFileSystemEntries(Host).Select(path => Path.GetFileName(path)));
        Assert.Equal(["archive", "host", "images"], Directory.GetFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }
}
