using System.Net.Sockets;
using System.Text;
using OnCell.Index.Tests.Support;
using OnCell.Indexing;
using OnCell.Indexing.Scanning;

namespace OnCell.Index.Tests.Scanning;

/// <summary>What a hostile owner of the folder may plant.</summary>
public sealed class HostileTreeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Links_pipes_and_devices_are_counted_and_never_opened()
    {
        _folder.Write("work/good.py", "def good(): pass\n");
        _folder.Shell(
            """
            cd work
            ln -s /etc/passwd passwd.py; ln -s /etc/shadow shadow.py; ln -s /etc etc; ln -s ../outside up; ln -s loop loop
            mkfifo pipe.py; mknod null.py c 1 3 2>/dev/null || mkfifo null.py
            ln -s /etc/passwd .gitignore
            printf 'x' > "$(printf 'bad\377name.py')"
            mkdir -p .git; mkfifo .oncellignore
            """);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder.Path("work/socket.py")));
        var report = await IndexAsync();

        Assert.Equal(1, report.FilesIndexed);
        Assert.Equal(6, report.Skipped[SkipReason.SymbolicLink]);
        Assert.Equal(4, report.Skipped[SkipReason.SpecialFile]);
        Assert.Equal(1, report.Skipped[SkipReason.InvalidName]);
    }

    [Fact]
    public async Task Huge_binary_and_minified_files_are_counted()
    {
        _folder.Write("work/good.py", "def good(): pass\n");
        _folder.Shell("cd work; truncate -s 100G sparse.py; head -c 2000 /dev/zero > zero.py; head -c 50000000 /dev/zero | gzip > bomb.gz; seq 1000000 > numbers.txt");
        _folder.Write("work/min.js", new string('a', 20_000));
        _folder.Write("work/broken.py", "x = 1\n");
        await File.WriteAllBytesAsync(_folder.Path("work/broken.py"), [.. "caf"u8, 0xE9, .. " = 1\n"u8], Token);
        var report = await IndexAsync();

        Assert.Equal(2, report.FilesIndexed);
        Assert.Equal(2, report.Skipped[SkipReason.TooLarge]);
        Assert.Equal(2, report.Skipped[SkipReason.Binary]);
        Assert.Equal(1, report.Skipped[SkipReason.Minified]);
    }

    [Fact]
    public async Task Limits_cut_a_tree_that_is_too_large()
    {
        _folder.Shell("mkdir -p work/many; cd work/many; seq 1 500 | xargs touch; cd ..; d=.; for i in $(seq 1 40); do d=$d/d; done; mkdir -p $d");
        _folder.Write("work/a.py", "x = 1\n");
        var report = await IndexAsync(new CodeIndexOptions { MaxFolderEntries = 100, MaxDepth = 20 });

        Assert.Equal(1, report.Skipped[SkipReason.FolderTooLarge]);
        Assert.Equal(1, report.Skipped[SkipReason.TooDeep]);
        Assert.Equal(101, report.FilesSeen);
    }

    [Fact]
    public async Task Text_files_and_time_are_limited()
    {
        for (var i = 0; i < 20; i++) _folder.Write($"work/f{i}.py", new string('x', 50) + "\n");
        var report = await IndexAsync(new CodeIndexOptions { MaxTotalBytes = 51 * 5 });
        Assert.Equal((5, 15), (report.FilesSeen, report.Skipped[SkipReason.TreeTooLarge]));
        report = await IndexAsync(new CodeIndexOptions { MaxFiles = 7 });
        Assert.Equal((7, 13), (report.FilesSeen, report.Skipped[SkipReason.TreeTooLarge]));
        var error = await Assert.ThrowsAsync<CodeIndexException>(() => IndexAsync(new CodeIndexOptions { MaxScanTime = TimeSpan.FromTicks(-1) }));
        Assert.Contains("1 tree-too-large", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ignore_rules_made_to_take_time_take_little()
    {
        _folder.Write("work/.gitignore", string.Concat(Enumerable.Repeat(string.Concat(Enumerable.Repeat("*a", 100)) + "[b]/x\n", 2_000)) + "good.py\n");
        _folder.Write("work/" + new string('a', 200) + "/" + new string('a', 200) + "/good.py", "x = 1\n");
        var report = await IndexAsync();
        Assert.Equal((1, 1), (report.FilesSeen, report.Skipped[SkipReason.Ignored]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_folder_swapped_for_a_link_is_not_followed(bool stepwise)
    {
        _folder.Write("work/dir/passwd", "inside");
        using var tree = LinuxWorkTree.Open(_folder.Path("work"), stepwise);
        var buffer = new byte[16];
        Assert.Null(tree.ReadFile("dir/passwd"u8, ref buffer, 100, out var length, out _));
        Assert.Equal("inside", Encoding.UTF8.GetString(buffer, 0, length));

        _folder.Shell("cd work; mv dir old; ln -s /etc dir; ln -s old/passwd file");
        Assert.Equal(SkipReason.Vanished, tree.ReadFile("dir/passwd"u8, ref buffer, 100_000, out _, out _));
        Assert.Equal(SkipReason.Vanished, tree.ReadFile("file"u8, ref buffer, 100_000, out _, out _));
        Assert.Equal(SkipReason.Vanished, tree.ReadFile("old"u8, ref buffer, 100_000, out _, out _));
        Assert.NotNull(tree.ReadFile("../work/old/passwd"u8, ref buffer, 100_000, out _, out _) ?? (stepwise ? "" : null));
        Assert.Null(tree.OpenFolder("dir"u8));
        using var open = tree.OpenFolder("old"u8);
        Assert.NotNull(open);
    }

    [Fact]
    public async Task A_tree_that_changes_all_the_time_is_indexed()
    {
        for (var i = 0; i < 50; i++) _folder.Write($"work/d{i % 5}/f{i}.py", $"def function_{i}(): pass\n");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var churn = Task.Run(
            () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                    _folder.Shell($"cd work; mv d{i % 5} x; ln -s /etc d{i % 5}; rm d{i % 5}; mkfifo d{i % 5}; rm d{i % 5}; mv x d{i % 5}");
            },
            Token);
        await using var index = await CodeIndex.OpenAsync(_folder.Path("index.db"), ct: Token);
        for (var i = 0; i < 20; i++)
        {
            try
            {
                await index.IndexAsync(_folder.Path("work"), ct: Token);
            }
            catch (CodeIndexException e) when (e.Error == CodeIndexError.NothingToIndex)
            {
                // All folders happened to be away.
            }

            Assert.All(await index.SearchAsync("root daemon nologin", ct: Token), h => Assert.DoesNotContain("root:", h.Content, StringComparison.Ordinal));
        }

        await stop.CancelAsync();
        await churn;
        Assert.Equal(50, (await index.IndexAsync(_folder.Path("work"), ct: Token)).FilesSeen);
    }

    private async Task<IndexReport> IndexAsync(CodeIndexOptions? options = null)
    {
        await using var index = await CodeIndex.OpenAsync(_folder.Path("index.db"), options, Token);
        return await index.IndexAsync(_folder.Path("work"), ct: Token);
    }
}
