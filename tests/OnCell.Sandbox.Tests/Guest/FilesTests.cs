using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Guest;

public sealed class FilesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_are_written_read_listed_moved_and_removed()
    {
        await using var guest = await GuestProcess.StartAsync();
        var files = guest.Channel.Files;
        var content = new byte[2_000_000];
        new Random(2).NextBytes(content);

        await files.WriteAsync("a/b/c.bin", content, 0b110_100_000, Token);
        Assert.Equal(content, await files.ReadAsync("a/b/c.bin", content.Length, Token));
        var stat = await files.StatAsync("a/b/c.bin", Token);
        Assert.Equal((SandboxFileKind.File, content.Length, 0b110_100_000), (stat!.Kind, stat.Length, stat.Mode));

        await files.WriteAsync("a/b/c.bin", "new"u8.ToArray(), 0b110_100_100, Token);
        await files.MoveAsync("a/b/c.bin", "a/d", Token);
        File.CreateSymbolicLink(Path.Combine(guest.WorkFolder, "a/link"), "/etc");
        var names = (await files.ListAsync("a", Token)).Select(f => (f.Name, f.Kind));
        Assert.Equal([("b", SandboxFileKind.Folder), ("d", SandboxFileKind.File), ("link", SandboxFileKind.Link)], names);
        Assert.Equal("new", Encoding.UTF8.GetString(await files.ReadAsync("a/d", 100, Token)));

        await files.RemoveAsync("a", Token);
        await files.RemoveAsync("a", Token);
        Assert.Null(await files.StatAsync("a", Token));
        Assert.True(File.Exists("/etc/passwd"));
    }

    [Fact]
    public async Task Errors_are_those_that_callers_know()
    {
        await using var guest = await GuestProcess.StartAsync();
        var files = guest.Channel.Files;
        await Assert.ThrowsAsync<FileNotFoundException>(() => files.ReadAsync("none", 1, Token));
        await Assert.ThrowsAsync<FileNotFoundException>(() => files.ListAsync("none", Token));
        await Assert.ThrowsAsync<FileNotFoundException>(() => files.MoveAsync("none", "other", Token));
        await files.WriteAsync("ten", new byte[10], 420, Token);
        await Assert.ThrowsAnyAsync<SandboxException>(() => files.ReadAsync("ten", 9, Token));
        await Assert.ThrowsAnyAsync<SandboxException>(() => files.ListAsync("ten", Token));
    }

    [Fact]
    public async Task A_failed_write_leaves_nothing_behind()
    {
        await using var guest = await GuestProcess.StartAsync();
        await guest.Channel.Files.WriteAsync("folder/file", new byte[1], 420, Token);
        await Assert.ThrowsAnyAsync<SandboxException>(
            () => guest.Channel.Files.WriteAsync("folder", new byte[1], 420, Token));
        Assert.Equal(["folder"], Directory.EnumerateFileSystemEntries(guest.WorkFolder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Large_folders_are_listed_whole()
    {
        await using var guest = await GuestProcess.StartAsync();
        Assert.Equal(0, (await guest.RunAsync(guest.Shell("mkdir many && cd many && seq 1 20000 | xargs touch"))).ExitCode);
        Assert.Equal(20_000, (await guest.Channel.Files.ListAsync("many", Token)).Count);
        await guest.Channel.Files.RemoveAsync("many", Token);
    }
}
