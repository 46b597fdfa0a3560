using System.Text.Json.Nodes;

namespace OnCell.Webhooks;

/// <summary>Turns what happens to cells into messages.</summary>
internal sealed class WebhookNews(WebhookTable table, WebhookSender sender)
{
    /// <summary>Takes note of an event of a cell's feed.</summary>
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
        if (table.Enqueue(e.Type, customer, subject, e.Time, body.ToJsonString(OnCellJson.Options))) sender.Wake();
    }

    private static string? SubjectOf(CellEvent e) => e.Type == WebhookEvents.QuotaNear
        ? $"{e.Data["quota"]} {e.Time.UtcDateTime:yyyy-MM}"
        : e.Data["runId"]?.GetValue<string>() is { } run ? $"{run} {e.Data["position"]}" : null;
}
