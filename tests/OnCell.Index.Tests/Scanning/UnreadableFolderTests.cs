using System.Runtime.InteropServices;
using OnCell.Index.Tests.Support;
using OnCell.Indexing;
using OnCell.Indexing.Ignoring;
using OnCell.Indexing.Scanning;

namespace OnCell.Index.Tests.Scanning;

/// <summary>Folders whose permissions keep the indexing process out.</summary>
public sealed class UnreadableFolderTests : IDisposable
{
    private const uint Nobody = 65_534;

    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _folder.Shell("chmod 700 . work work/secret");
        _folder.Dispose();
    }

    [Fact]
    public void A_folder_that_may_not_be_read_is_counted_and_a_root_refused()
    {
        _folder.Write("work/good.py", "x = 1\n");
        _folder.Write("work/secret/key.py", "key = 2\n");
        _folder.Shell("chmod 755 . work; chmod 0 work/secret");
        var scan = AsNobody(() =>
        {
            using var tree = LinuxWorkTree.Open(_folder.Path("work"));
            return new TreeScanner(tree, GlobSet.Parse([]), new CodeIndexOptions()).Scan(CancellationToken.None);
        });
        Assert.Equal("good.py", Assert.Single(scan.Files).Path);
        Assert.Equal(1, scan.Skipped.Counts[SkipReason.Unreadable]);

        _folder.Shell("chmod 0 work");
        var error = AsNobody(() => Assert.Throws<CodeIndexException>(() => LinuxWorkTree.Open(_folder.Path("work"))));
        Assert.Equal(CodeIndexError.RootUnreadable, error.Error);
        Assert.Contains("Permission denied", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_counted()
    {
        _folder.Write("work/good.py", "x = 1\n");
        _folder.Write("work/secret/key.py", "key = 2\n");
        _folder.Shell("chmod 755 . work work/secret; chmod 0 work/secret/key.py");
        var buffer = new byte[16];
        var skipped = AsNobody(() =>
        {
            using var tree = LinuxWorkTree.Open(_folder.Path("work"));
            return tree.ReadFile("secret/key.py"u8, ref buffer, 100, out _, out _);
        });
        Assert.Equal(SkipReason.Unreadable, skipped);
    }

    /// <summary>Runs on a thread of its own, whose rights for files alone are taken away: tests may run as root.</summary>
    private static T AsNobody<T>(Func<T> work)
    {
        T result = default!;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                _ = SetFileSystemUser(Nobody);
                result = work();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new InvalidOperationException("The work failed on its thread.", failure);
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileSystemUser(uint user);
}
