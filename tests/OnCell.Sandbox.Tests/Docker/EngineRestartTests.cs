using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Docker;

/// <summary>SIGKILL of dockerd under running cells.</summary>
public sealed class EngineRestartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_live_restore_a_cell_goes_on_through_the_death_of_the_engine()
    {
        await using var lab = await DockerLab.OpenAsync(liveRestore: true);
        await using var sandbox = await lab.StartAsync();
        await using var running = await sandbox.StartExecAsync(ExecSpec.Shell("sleep 1000") with { Key = "step" }, Cancellation);
        await lab.Engine.KillAndRestartAsync(
            async () =>
            {
                await DockerLab.ShellAsync(sandbox, "echo while it is dead > /work/file");
                await Assert.ThrowsAsync<SandboxException>(() => sandbox.FreezeAsync(Cancellation));
            },
            Cancellation);

        await using var next = lab.NewRuntime();
        await sandbox.DisposeAsync();
        await using var attached = await next.AttachAsync(lab.Spec(), Cancellation);
        Assert.NotNull(attached);
        Assert.Equal("while it is dead\n", await DockerLab.ShellAsync(attached, "cat /work/file"));
        await attached.FreezeAsync(Cancellation);
        await attached.StopAsync(Cancellation);
        Assert.Empty(lab.Traces());
    }

    [Fact]
    public async Task Without_it_the_cell_ends_with_the_next_engine_and_starts_again_with_all_files()
    {
        await using var lab = await DockerLab.OpenAsync(liveRestore: false);
        await using var sandbox = await lab.StartAsync();
        await DockerLab.ShellAsync(sandbox, "echo kept > /work/file; sync");
        await lab.Engine.KillAndRestartAsync(null, Cancellation);
        await sandbox.Lost.WaitAsync(Cancellation);
        Assert.Null(await lab.Runtime.AttachAsync(lab.Spec(), Cancellation));
        Assert.Empty(lab.Traces());
        await using var again = await lab.StartAsync();
        Assert.Equal("kept\n", await DockerLab.ShellAsync(again, "cat /work/file"));
    }
}
