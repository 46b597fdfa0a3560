namespace OnCell.Sandbox.Tests.Docker;

public sealed class DockerRuntimeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Starts_runs_commands_stops_without_a_trace_and_wakes_with_all_files()
    {
        await using var lab = await DockerLab.OpenAsync();
        var sandbox = await lab.StartAsync();
        Assert.Equal("hello\n", await DockerLab.ShellAsync(sandbox, "echo hello"));
        Assert.Contains("gVisor", await DockerLab.ShellAsync(sandbox, "dmesg"), StringComparison.Ordinal);
        await sandbox.Files.WriteAsync("notes.txt", "kept"u8.ToArray(), 0x1A4, Cancellation);
        await DockerLab.ShellAsync(sandbox, "echo '#!/bin/sh\necho installed' > /usr/local/bin/tool && chmod +x /usr/local/bin/tool");
        Assert.Equal("kept", await File.ReadAllTextAsync(Path.Combine(sandbox.WorkFolder, "notes.txt"), Cancellation));
        await sandbox.StopAsync(Cancellation);
        Assert.Empty(lab.Traces());
        Assert.False(File.Exists(Path.Combine(lab.RootFileSystem, "usr/local/bin/tool")));

        sandbox = await lab.StartAsync();
        Assert.Equal("kept", await DockerLab.ShellAsync(sandbox, "cat /work/notes.txt"));
        Assert.Equal("installed\n", await DockerLab.ShellAsync(sandbox, "tool"));
        await sandbox.StopAsync(Cancellation);
        await sandbox.StopAsync(Cancellation);
        await sandbox.DisposeAsync();
    }
}
