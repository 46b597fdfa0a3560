using System.Diagnostics;
using System.Runtime.InteropServices;
using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Faults.Kills;

/// <summary>Two processes and one journal.</summary>
public sealed partial class TakeoverTests
{
    private const int SigStop = 19;
    private const int SigCont = 18;

    [Fact]
    public async Task The_lock_goes_with_the_process_that_holds_it()
    {
        await using var file = new TestJournal { Options = new JournalOptions { LockTimeout = TimeSpan.FromMilliseconds(60) } };
        using var holder = await StartAsync(file.File);
        await Assert.ThrowsAsync<JournalLockedException>(() => file.ReopenAsync());

        holder.Kill();
        await holder.WaitForExitAsync(Step.Ct);

        var journal = await file.ReopenAsync();
        Assert.Equal("held", Assert.Single(await journal.ListRunsAsync(RunFilter.Open, Step.Ct)).Id);
    }

    [Fact]
    public async Task A_stopped_process_keeps_the_lock_and_after_a_forced_takeover_may_not_write()
    {
        await using var file = new TestJournal { Options = new JournalOptions { LockTimeout = TimeSpan.FromMilliseconds(60) } };
        using var holder = await StartAsync(file.File);
        Assert.Equal("done", await AskAsync(holder));
        Assert.Equal(0, Kill(holder.Id, SigStop));
        await Assert.ThrowsAsync<JournalLockedException>(() => file.ReopenAsync());

        // What nobody should do: the lock file is removed under the stopped process.
        File.Delete(file.File + ".lock");
        var journal = await file.ReopenAsync();
        await using var run = await journal.ResumeRunAsync("held", Step.Ct);
        Assert.Equal(1, await run.StepAsync(Step.Of(StepEffect.Idempotent, _ => 1) with { Kind = "work" }, Step.Ct));
        Assert.Equal(2, await run.StepAsync(Step.Of(StepEffect.Idempotent, _ => 2) with { Kind = "work" }, Step.Ct));

        Assert.Equal(0, Kill(holder.Id, SigCont));
        Assert.Equal(nameof(LeaseLostException), await AskAsync(holder));
        Assert.Equal(3, await run.StepAsync(Step.Of(StepEffect.Idempotent, _ => 3) with { Kind = "work" }, Step.Ct));
        Assert.Equal(3, (await journal.ListStepsAsync("held", Step.Ct)).Count);
        holder.Kill();
        await holder.WaitForExitAsync(Step.Ct);
    }

    private static async Task<Process> StartAsync(string journal)
    {
        var holder = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["holder", journal])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync(Step.Ct));
        return holder;
    }

    private static async Task<string?> AskAsync(Process holder)
    {
        await holder.StandardInput.WriteLineAsync("step");
        await holder.StandardInput.FlushAsync(Step.Ct);
        return await holder.StandardOutput.ReadLineAsync(Step.Ct);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
