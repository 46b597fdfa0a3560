using System.Diagnostics;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Guest;

public sealed class KeptOutputTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_oldest_output_goes_first_and_its_key_is_still_known()
    {
        await using var guest = await GuestProcess.StartAsync("--keep", "250000");
        ExecSpec Spec(int i) => guest.Shell($"echo {i} >> ran; head -c 100000 /dev/zero; exit {i}", $"k{i}");
        for (var i = 0; i < 3; i++)
        {
            if (i == 2)
                await guest.RestartGuestAsync(); // What an earlier guest has kept counts too.
            await guest.RunAsync(Spec(i));
        }
        var dropped = await guest.RunAsync(Spec(0));
        Assert.Equal((0, 100_000L), (dropped.Stdout.Length, dropped.StdoutOmitted));
        Assert.True(dropped.Reattached);
        Assert.Equal(100_000, (await guest.RunAsync(Spec(1))).Stdout.Length);
        Assert.Equal(100_000, (await guest.RunAsync(Spec(2))).Stdout.Length);
        Assert.Equal(["0", "1", "2"], File.ReadAllLines(Path.Combine(guest.WorkFolder, "ran")));
    }

    [Fact]
    public async Task A_full_disk_still_runs_the_command_that_makes_room()
    {
        var disk = Directory.CreateTempSubdirectory("disk-").FullName;
        Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk);
        try
        {
            await using (var guest = await GuestProcess.StartInAsync(Path.Combine(disk, "g")))
            {
                Assert.NotEqual(0, (await guest.RunAsync(guest.Shell("cat /dev/zero > filler", "fill"))).ExitCode);
                var spec = guest.Shell("head -c 100000 /dev/zero; rm filler", "room") with { MaxOutputBytes = 1 << 20 };
                var freed = await guest.RunAsync(spec);
                Assert.Equal(0, freed.ExitCode);
                Assert.Equal(100_000, freed.Stdout.Length + freed.StdoutOmitted);
                await guest.RestartGuestAsync();
                Assert.Equal(ExecState.Finished, await guest.Channel.FindExecAsync("room", Token));
                Assert.Equal(0, (await guest.RunAsync(guest.Shell("true", "next"))).ExitCode);
            }
        }
        finally
        {
            Run("umount", disk);
            Directory.Delete(disk);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
