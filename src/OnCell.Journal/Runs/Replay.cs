namespace OnCell.Journaling.Runs;

/// <summary>Executes code against a stored run without executing or writing anything.</summary>
internal static class Replay
{
    public static async Task<ReplayReport> RunAsync(JournalRun run, Func<JournalRun, CancellationToken, Task> code, CancellationToken ct)
    {
        await using var _ = run.ConfigureAwait(false);
        run.LoadHistory();
        try
        {
            await code(run, ct).ConfigureAwait(false);
            await run.DivergeIfUnreadAsync().ConfigureAwait(false);
            return new ReplayReport(run.Replayed, ReachedEnd: true, null, null);
        }
        catch (HistoryEndedException end)
        {
            return new ReplayReport(run.Replayed, ReachedEnd: false, end.Position, null);
        }
        catch (RunDivergedException difference)
        {
            return new ReplayReport(run.Replayed, ReachedEnd: false, difference.Position, difference.Message);
        }
    }
}
