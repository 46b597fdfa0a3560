using System.Text.Json.Nodes;
using OnCell.Cells;
using OnCell.Journaling;

namespace OnCell.Runs;

/// <summary>Tells those who watch a cell how an execution of a run ended.</summary>
internal static class RunNews
{
    public static async Task TellAsync(LiveCell cell, CellServices services, string runId)
    {
        try
        {
            var journal = await cell.GetJournalAsync(CancellationToken.None).ConfigureAwait(false);
            if (await journal.GetRunAsync(runId, CancellationToken.None).ConfigureAwait(false) is not { } run) return;

            // One that is open is executed again, by this process or the next.
            if (run.State == RunState.Running) return;
            var data = new JsonObject { ["runId"] = run.Id, ["method"] = run.Method, ["created"] = run.CreatedAt, ["ended"] = run.EndedAt };
            if (run.Error is { } error) data["error"] = error.Message;
            cell.Feed.Add("run." + char.ToLowerInvariant(run.State.ToString()[0]) + run.State.ToString()[1..], data);
        }
        catch (Exception e) when (e is JournalException or OnCellException or ObjectDisposedException)
        {
            // The cell is being deleted, or its journal is reopened: the journal, not the news, says what became of the run.
            RunLog.NotTold(services.Loggers.CreateLogger("OnCell.Runs"), runId, cell.Id, e);
        }
    }
}
