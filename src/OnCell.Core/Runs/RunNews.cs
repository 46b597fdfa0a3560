using System.Text.Json;
using System.Text.Json.Nodes;
using OnCell.Cells;
using OnCell.Journaling;

namespace OnCell.Runs;

/// <summary>Tells those who watch a cell how an execution of a run ended, and that one waits for a person.</summary>
internal static class RunNews
{
    /// <summary>How long ago a run may have been started whose end its predecessor may not have told to webhooks.</summary>
    private static readonly TimeSpan Untold = TimeSpan.FromDays(7);

    public static async Task TellAsync(LiveCell cell, CellServices services, string runId)
    {
        try
        {
            var journal = await cell.GetJournalAsync(CancellationToken.None).ConfigureAwait(false);
            if (await journal.GetRunAsync(runId, CancellationToken.None).ConfigureAwait(false) is not { } run) return;

            // One that is open is executed again, by this process or the next.
            if (run.State is not (RunState.Running or RunState.NeedsDecision)) cell.Feed.Add(TypeOf(run), Describe(run));
        }
        catch (Exception e)
        {
            // The cell is being deleted, or its journal is reopened: the journal, not the news, says what became of the run.
            RunLog.NotTold(services.Loggers.CreateLogger("OnCell.Runs"), runId, cell.Id, e);
        }
    }

    /// <summary>Tells that a step waits for a person's decision.</summary>
    public static void TellParked(LiveCell cell, string runId, string position, string name, int attempt) => cell.Feed.Add("run.needsDecision", new JsonObject
    {
        ["runId"] = runId,
        ["position"] = position,
        ["name"] = cell.Secrets.Redactor.Redact(name),
        ["attempt"] = attempt,
    });

    /// <summary>Gives webhooks the ends that an earlier process wrote and may have died before it told. What they were told is told once.</summary>
    public static async Task TellWebhooksAsync(LiveCell cell, CellServices services, CancellationToken cancellationToken)
    {
        if (services.Webhooks.All.Count == 0) return;
        var journal = await cell.GetJournalAsync(cancellationToken).ConfigureAwait(false);
        var now = services.Time.GetUtcNow();
        foreach (var run in await journal.ListRunsAsync(new RunFilter { Since = now - Untold }, cancellationToken).ConfigureAwait(false))
        {
            if (!run.IsOpen && run.EndedAt is { } ended) services.WebhookNews.Note(cell.Id, new CellEvent(0, ended, TypeOf(run), Describe(run)));
        }
    }

    private static string TypeOf(RunInfo run) => $"run.{JsonNamingPolicy.CamelCase.ConvertName(run.State.ToString())}";

    private static JsonObject Describe(RunInfo run)
    {
        var data = new JsonObject { ["runId"] = run.Id, ["method"] = run.Method, ["created"] = run.CreatedAt, ["ended"] = run.EndedAt };
        if (run.Error is { } error) data["error"] = error.Message;
        return data;
    }
}
