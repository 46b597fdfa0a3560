using System.Formats.Tar;
using System.Text;
using OnCell.Sandbox.Tests.Images;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Guest;

/// <summary>Trees of files as tar archives, out of a guest and into it; archives that are made to harm are refused.</summary>
public sealed class TreeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tree_goes_out_and_comes_in_the_same()
    {
        await using var guest = await GuestProcess.StartAsync();
        var large = new byte[3_000_001];
        new Random(3).NextBytes(large);
        await guest.Channel.Files.WriteAsync("from/large.bin", large, 0b110_100_000, Token);
        var deep = string.Join('/', Enumerable.Repeat("a-folder-with-a-long-name", 20));
        await guest.Channel.Files.WriteAsync($"from/{deep}/file", "deep"u8.ToArray(), 0b111_101_101, Token);
        var line = "cd from && mkdir empty && chmod 700 empty && ln -s ../../etc/passwd link && mkfifo pipe && touch none && touch -d @1700000000 none && seq 1 3000 | sed 's/^/f/' | (mkdir many && cd many && xargs touch)";
        Assert.Equal(0, (await guest.RunAsync(guest.Shell(line))).ExitCode);
        using var archive = new MemoryStream();

        await guest.Channel.Files.ExportAsync("from", archive, null, Token);
        archive.Position = 0;
        await guest.Channel.Files.ImportAsync("to/here", archive, null, Token);

        var compared = await guest.RunAsync(guest.Shell("rm from/pipe && diff -r --no-dereference from to/here && cmp from/large.bin to/here/large.bin"));
        Assert.Equal("", Encoding.UTF8.GetString(compared.Stdout) + Encoding.UTF8.GetString(compared.Stderr));
        var here = Path.Combine(guest.WorkFolder, "to/here");
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(here + "/empty"));
        Assert.Equal((UnixFileMode)0b110_100_000, File.GetUnixFileMode(here + "/large.bin"));
        Assert.Equal(1_700_000_000, new DateTimeOffset(File.GetLastWriteTimeUtc(here + "/none")).ToUnixTimeSeconds());

        // As other programs read it.
        archive.Position = 0;
        var names = new List<string>();
        await using var reader = new TarReader(archive);
        while (await reader.GetNextEntryAsync(cancellationToken: Token) is { } entry)
            names.Add(entry.Name);
        Assert.Contains($"{deep}/file", names);
        Assert.DoesNotContain("pipe", names);
        Assert.Equal("link", names.Single(name => name.Contains("link", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_file_and_a_link_give_way_and_a_second_name_is_made()
    {
        await using var guest = await GuestProcess.StartAsync();
        var victim = Path.Combine(guest.Folder, "victim");
        await File.WriteAllTextAsync(victim, "unharmed", Token);
        File.CreateSymbolicLink(Path.Combine(guest.WorkFolder, "file"), victim);
        var tar = new TarBuilder().Folder(".").File("./file", "new").HardLink("second", "file").Link("third", "file").Link("third", "second").End();

        await ImportAsync(guest, tar);

        Assert.Equal("new", await File.ReadAllTextAsync(Path.Combine(guest.WorkFolder, "second"), Token));
        Assert.Equal("second", new FileInfo(Path.Combine(guest.WorkFolder, "third")).LinkTarget);
        Assert.Null(new FileInfo(Path.Combine(guest.WorkFolder, "file")).LinkTarget);
        Assert.Equal("unharmed", await File.ReadAllTextAsync(victim, Token));
    }

    [Fact]
    public async Task Archives_that_are_made_to_harm_are_refused()
    {
        await using var guest = await GuestProcess.StartAsync();
        var outside = Directory.CreateDirectory(Path.Combine(guest.Folder, "outside")).FullName;
        await File.WriteAllTextAsync(outside + "/victim", "unharmed", Token);
        File.CreateSymbolicLink(Path.Combine(guest.WorkFolder, "there"), outside); // was there before

        await RefusedAsync(t => t.File("../planted", "x"), "leads out");
        await RefusedAsync(t => t.File("a/../../planted", "x"), "leads out");
        await RefusedAsync(t => t.File(outside + "/planted", "x"), "absolute");
        await RefusedAsync(t => t.Link("link", outside).File("link/planted", "x"), "is a link");
        await RefusedAsync(t => t.Link("link", outside).Folder("link/planted"), "is a link");
        await RefusedAsync(t => t.Link("link", outside).Folder("link"), "is a link");
        await RefusedAsync(t => t.File("there/planted", "x"), "is a link");
        await RefusedAsync(t => t.Link("link", outside).HardLink("mine", "link/victim"), "is a link");
        await RefusedAsync(t => t.HardLink("mine", outside + "/victim"), "absolute");
        await RefusedAsync(t => t.HardLink("mine", "../outside/victim"), "leads out");
        await RefusedAsync(t => t.HardLink("mine", ""), "second name of nothing");
        await RefusedAsync(t => t.Add('3', "disk"), "neither a file");
        await RefusedAsync(t => t.Add('4', "disk"), "neither a file");
        await RefusedAsync(t => t.Add('6', "pipe"), "neither a file");
        await RefusedAsync(t => t.File("", "x"), "replace the folder itself");
        await RefusedAsync(t => t.Link("link", ""), "points to");
        await RefusedAsync(t => t.Folder("folder").File("folder", "x"), "folder");
        await RefusedAsync(t => t.File("file", "x").File("file/below", "x"), "is a link or a file");
        await RefusedAsync(t => t.File(new string('n', 300), "x"), "too long");
        await RefusedAsync(t => t.Add('0', "a", size: 1L << 30), "ends in the middle");
        await RefusedAsync(t => t.Add('S', "sparse"), "sparse");
        await RefusedAsync(t => t.File("a", new byte[2000]), "more than 1000 bytes", new SandboxTreeLimits { Bytes = 1000 });
        await RefusedAsync(t => t.File("a", "").File("b", "").File("c", ""), "more than 2 entries", new SandboxTreeLimits { Entries = 2 });
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ImportAsync(guest, [], new SandboxTreeLimits { Entries = 0 }));

        async Task RefusedAsync(Func<TarBuilder, TarBuilder> fill, string reason, SandboxTreeLimits? limits = null)
        {
            var error = await Assert.ThrowsAnyAsync<SandboxException>(() => ImportAsync(guest, fill(new TarBuilder()).End(), limits));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.Equal("unharmed", await File.ReadAllTextAsync(outside + "/victim", Token));
            Assert.Equal(["victim"], Directory.GetFileSystemEntries(outside).Select(Path.GetFileName));
            Assert.False(File.Exists(Path.Combine(guest.Folder, "planted")));
            Assert.Equal(0, (await guest.RunAsync(guest.Shell("find . -mindepth 1 -not -name there -delete"))).ExitCode);
        }
    }

    [Fact]
    public async Task What_is_too_large_to_go_out_is_refused_and_what_is_not_there_is_said()
    {
        await using var guest = await GuestProcess.StartAsync();
        var files = guest.Channel.Files;
        await files.WriteAsync("folder/a", new byte[2000], 420, Token);
        await files.WriteAsync("folder/b", new byte[2000], 420, Token);
        Assert.Contains("more than 3000 bytes", (await ExportFailsAsync("folder", new() { Bytes = 3000 })).Message, StringComparison.Ordinal);
        Assert.Contains("more than 1 entries", (await ExportFailsAsync("folder", new() { Entries = 1 })).Message, StringComparison.Ordinal);
        await ExportFailsAsync("folder/a", new());
        await Assert.ThrowsAsync<FileNotFoundException>(() => files.ExportAsync("none", Stream.Null, null, Token));
        await files.ExportAsync("folder", Stream.Null, new() { Bytes = 4000, Entries = 2 }, Token);

        Task<SandboxException> ExportFailsAsync(string path, SandboxTreeLimits limits) =>
            Assert.ThrowsAnyAsync<SandboxException>(() => files.ExportAsync(path, Stream.Null, limits, Token));
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_guest_usable()
    {
        await using var guest = await GuestProcess.StartAsync();
        await guest.Channel.Files.WriteAsync("folder/a", new byte[8_000_000], 420, Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => guest.Channel.Files.ExportAsync("folder", new StopAt(1_000_000, stop), null, stop.Token));
        await Assert.ThrowsAnyAsync<SandboxException>(() => ImportAsync(guest, [.. new TarBuilder().File("b", new byte[100_000]).End().Take(50_000)]));
        using var archive = new MemoryStream();
        await guest.Channel.Files.ExportAsync("folder", archive, null, Token);
        Assert.InRange(archive.Length, 8_000_000, 8_100_000);
    }

    private static Task ImportAsync(GuestProcess guest, byte[] tar, SandboxTreeLimits? limits = null) =>
        guest.Channel.Files.ImportAsync(".", new MemoryStream(tar), limits, Token);

    private sealed class StopAt(int bytes, CancellationTokenSource stop) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteAsync(buffer, cancellationToken);
            if (Length > bytes)
                await stop.CancelAsync();
        }
    }
}
