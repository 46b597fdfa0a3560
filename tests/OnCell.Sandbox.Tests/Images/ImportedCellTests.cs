using OnCell.Sandbox.Tests.Docker;
using OnCell.Sandbox.Tests.Runtime;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Guest;
using OnCell.Sandboxes.Images;

namespace OnCell.Sandbox.Tests.Images;

/// <summary>Real cells of imported images.</summary>
public sealed class ImportedCellTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cell_of_an_imported_image_runs_shell_lines_in_its_variables()
    {
        await using var lab = await SandboxLab.OpenAsync();
        using var folder = new TemporaryFolder();
        var image = await ImportAsync(folder, new SavedImage(ShellSystem.Tar(lab.RootFileSystem)), null);
        await using var cell = await lab.Runtime.StartAsync(
            lab.Spec() with { RootFileSystem = image.RootFileSystem, Environment = image.Environment }, Cancellation);
        Assert.Equal("/opt/bin:/bin http://127.0.0.1:3128\n", await CellLab.ShellAsync(cell, "echo $PATH $https_proxy"));
        await cell.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_base_system_without_a_shell_runs_programs_and_says_what_a_shell_line_lacks()
    {
        await using var lab = await SandboxLab.OpenAsync();
        using var folder = new TemporaryFolder();
        var messages = new Messages();
        var program = await File.ReadAllBytesAsync(GuestBinary.Locate(), Cancellation);
        var image = await ImportAsync(folder, new SavedImage(new TarBuilder().File("tool", program, 0b111_101_101).End()), messages);
        Assert.Contains(messages, message => message.Contains("no /bin/sh", StringComparison.Ordinal));

        await using var cell = await lab.Runtime.StartAsync(lab.Spec() with { RootFileSystem = image.RootFileSystem }, Cancellation);
        Assert.Equal(2, (await cell.RunAsync(ExecSpec.Command("/tool"), null, Cancellation)).ExitCode);
        var shell = await cell.RunAsync(ExecSpec.Shell("echo x"), null, Cancellation);
        Assert.Equal(ExecOutcome.FailedToStart, shell.Outcome);
        Assert.Contains("/bin/sh", shell.Error, StringComparison.Ordinal);
        await cell.StopAsync(Cancellation);
    }

    [Fact]
    public async Task The_image_under_a_running_cell_is_not_pruned_whoever_prunes()
    {
        await using var lab = await SandboxLab.OpenAsync();
        using var folder = new TemporaryFolder();
        var image = await ImportAsync(folder, new SavedImage(ShellSystem.Tar(lab.RootFileSystem)), null);
        var store = new ImageStore(new ImageStoreOptions { Folder = folder["images"] });
        await using var cell = await lab.Runtime.StartAsync(lab.Spec() with { RootFileSystem = image.RootFileSystem }, Cancellation);

        Assert.Empty(await store.PruneAsync(new HashSet<string>(), Cancellation));
        Assert.Equal("here\n", await CellLab.ShellAsync(cell, "[ -x /bin/sleep ] && echo here"));
        await cell.StopAsync(Cancellation);
        Assert.Equal([image.Digest], (await store.PruneAsync(new HashSet<string>(), Cancellation)).Select(i => i.Digest));
    }

    private static async Task<SandboxImage> ImportAsync(TemporaryFolder folder, SavedImage image, IProgress<ImageProgress>? progress)
    {
        await File.WriteAllBytesAsync(folder["image.tar"], image.Docker(), Cancellation);
        return await new ImageStore(new ImageStoreOptions { Folder = folder["images"] }).ImportAsync(folder["image.tar"], progress, Cancellation);
    }

    private sealed class Messages : List<string>, IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) => Add(value.Message);
    }
}
