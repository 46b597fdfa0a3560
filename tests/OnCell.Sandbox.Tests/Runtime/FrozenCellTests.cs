using OnCell.Sandbox.Tests.Docker;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Runtime;

/// <summary>The end of cells that are frozen: their processes cannot answer, nor end by themselves.</summary>
public sealed class FrozenCellTests(SharedEngine shared)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_frozen_cell_of_runsc_is_destroyed_without_a_trace()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await DestroyAsync(lab, lab.NewRuntime());
    }

    [Fact]
    public async Task A_frozen_cell_of_a_Docker_engine_is_destroyed_without_a_trace()
    {
        await using var lab = await DockerLab.OpenAsync(await shared.GetAsync());
        await DestroyAsync(lab, lab.NewRuntime());
    }

    private static async Task DestroyAsync(CellLab lab, ISandboxRuntime next)
    {
        await using var _ = next;
        var command = ExecSpec.Shell("echo kept > file; sleep 1000") with { Key = "step" };
        await using (var sandbox = await lab.StartAsync())
        {
            await using var handle = await sandbox.StartExecAsync(command, Cancellation);
            while (await sandbox.Files.StatAsync("/work/file", Cancellation) is not { Length: > 0 })
                await Task.Delay(5, Cancellation);
            await sandbox.FreezeAsync(Cancellation);
            await lab.Runtime.DestroyAsync(sandbox.Id, Cancellation);
            await sandbox.Lost.WaitAsync(Cancellation);
            Assert.Empty(lab.Traces());
        }

        await using (var sandbox = await lab.StartAsync())
        {
            Assert.Equal("kept\n", await CellLab.ShellAsync(sandbox, "cat file"));
            await sandbox.FreezeAsync(Cancellation);
        }

        await next.DestroyAsync(lab.Spec().Id, Cancellation); // by a service that never saw it awake
        Assert.Empty(lab.Traces());
    }
}
