using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace OnCell.Webhooks;

/// <summary>Turns what happens to cells into messages.</summary>
internal sealed class WebhookNews(WebhookTable table, WebhookSender sender, ILogger logger)
{
    /// <summary>Takes note of an event of a cell's feed. What cannot be stored is not told: nobody's run may end for it.</summary>
    public void Note(string customer, CellEvent e)
    {
        if (SubjectOf(e) is not { } subject || !WebhookEvents.All.Contains(e.Type)) return;
        var body = new JsonObject
        {
            ["event"] = e.Type,
            ["customer"] = customer,
            ["time"] = e.Time,
            ["data"] = e.Data.DeepClone(),
        };
        try
        {
            if (table.Enqueue(e.Type, customer, subject, e.Time, body.ToJsonString(OnCellJson.Options))) sender.Wake();
        }
        catch (SqliteException error)
        {
            WebhookLog.NotStored(logger, e.Type, customer, error);
        }
    }

    /// <summary>
    /// What makes it one message. A step that is run again and stops once more needs another decision, which its attempt tells
    /// apart; without one for what happened once, so that messages of earlier versions are not sent again. A quota that was raised
    /// comes near once more, which its limit tells apart.
    /// </summary>
    private static string? SubjectOf(CellEvent e)
    {
        if (e.Type == WebhookEvents.QuotaNear) return $"{e.Data["quota"]} {e.Data["limit"]} {e.Time.UtcDateTime:yyyy-MM}";
        if (e.Data["runId"]?.GetValue<string>() is not { } run) return null;
        var once = $"{run} {e.Data["position"]}";
        return e.Data["attempt"]?.GetValue<int>() is > 1 and var attempt ? $"{once} {attempt}" : once;
    }
}
