using OnCell.Sandbox.Tests.Images;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Runtime;

/// <summary>Trees of files as tar archives, out of a real cell and into another.</summary>
public sealed class CellTreeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repository_is_carried_from_one_cell_to_another()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var from = await lab.StartAsync("from");
        await using var to = await lab.StartAsync("to");
        const string prepare = """
            git init -q repo && cd repo && git config user.name x && git config user.email x@x && mkdir -p a/b && seq 1 50000 > a/b/numbers && ln -s a/b/numbers link
            printf '#!/bin/sh\necho runs' > tool && chmod 755 tool && git add -A && git commit -qm one && git rev-parse HEAD
            """;
        var head = await CellLab.ShellAsync(from, prepare);
        await using var archive = new FileStream(lab.DataRoot + "/repo.tar", FileMode.Create);
        await from.Files.ExportAsync("repo", archive, null, Cancellation);
        archive.Position = 0;
        await to.Files.ImportAsync("copy", archive, null, Cancellation);

        Assert.Equal(head + "runs\n", await CellLab.ShellAsync(to, "cd copy && git status --porcelain && git fsck --no-progress && git rev-parse HEAD && ./tool"));

        using var hostile = new MemoryStream(new TarBuilder().Link("etc", "/etc").File("etc/planted", "x").End());
        var error = await Assert.ThrowsAnyAsync<SandboxException>(() => to.Files.ImportAsync("other", hostile, null, Cancellation));
        Assert.Contains("is a link", error.Message, StringComparison.Ordinal);
        await CellLab.ShellAsync(to, "ln -s /etc there");
        using var through = new MemoryStream(new TarBuilder().File("there/planted", "x").End());
        await Assert.ThrowsAnyAsync<SandboxException>(() => to.Files.ImportAsync("/work", through, null, Cancellation)); // gVisor's O_NOFOLLOW is not Linux's
        Assert.Equal("none\n", await CellLab.ShellAsync(to, "[ -e /etc/planted ] || echo none"));
    }
}
