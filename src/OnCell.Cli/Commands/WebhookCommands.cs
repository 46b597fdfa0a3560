using System.CommandLine;
using OnCell.Cli.Output;

namespace OnCell.Cli.Commands;

/// <summary>Addresses that are told of what happens.</summary>
internal static class WebhookCommands
{
    public static Command Create() => new("webhooks", "Addresses that are told of runs and quotas.") { Add(), List(), Delete(), Deliveries(), Retry() };

    private static Command Add()
    {
        var url = new Argument<string>("url") { Description = "Where the messages go." };
        var events = new Option<string[]>("--event") { Description = "Of what it is told, such as run.failed; may be given again. Everything where none is named." };
        var customer = new Option<string?>("--customer", "-c") { Description = "Whose events; those of all customers where none is named." };
        var command = new Command("create", "Adds an address and shows the secret that signs its messages, once.") { url, events, customer };
        command.SetAction(async (parsed, ct) =>
        {
            var made = await parsed.Client().Webhooks.CreateAsync(
                Address(parsed.GetValue(url)!), parsed.GetValue(events) is { Length: > 0 } some ? some : null, parsed.GetValue(customer), ct);
            if (parsed.IsJson()) Screen.Json(made);
            else Screen.Table(["webhook", "secret"], [[Screen.Cell(made.Webhook.Id), Screen.Cell(made.Secret)]]);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the webhooks.");
        command.SetAction(async (parsed, ct) =>
        {
            var all = await parsed.Client().Webhooks.ListAsync(ct);
            if (parsed.IsJson()) Screen.Json(all);
            else Screen.Table(["webhook", "url", "events", "customer", "created"], all.Select(w => (IReadOnlyList<string>)
                [Screen.Cell(w.Id), Screen.Cell(w.Url.ToString()), Screen.Cell(string.Join(", ", w.Events)), Screen.Cell(w.Customer ?? "all"), Screen.Time(w.Created)]));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Delete()
    {
        var webhook = Webhook();
        var command = new Command("delete", "Removes a webhook with its deliveries.") { webhook };
        command.SetAction(async (parsed, ct) =>
        {
            await parsed.Client().Webhooks.DeleteAsync(parsed.GetValue(webhook)!, ct);
            if (!parsed.IsJson()) Screen.Say($"{parsed.GetValue(webhook)} is removed");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Deliveries()
    {
        var webhook = Webhook();
        var command = new Command("deliveries", "Lists the latest messages of a webhook and what became of them.") { webhook };
        command.SetAction(async (parsed, ct) =>
        {
            var all = await parsed.Client().Webhooks.ListDeliveriesAsync(parsed.GetValue(webhook)!, ct);
            if (parsed.IsJson()) Screen.Json(all);
            else Screen.Table(["delivery", "event", "customer", "happened", "state", "tries", "next", "answer"], all.Select(d => (IReadOnlyList<string>)
            [
                Screen.Cell(d.Id), Screen.Cell(d.Event), Screen.Cell(d.Customer), Screen.Time(d.Created), Screen.Cell(d.State),
                d.Attempts.ToString(System.Globalization.CultureInfo.InvariantCulture), d.Next is { } next ? Screen.Time(next) : "", Screen.Cell(d.Answer),
            ]));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Retry()
    {
        var webhook = Webhook();
        var delivery = new Argument<string>("delivery") { Description = "The message's id." };
        var command = new Command("retry", "Has a message sent again now.") { webhook, delivery };
        command.SetAction(async (parsed, ct) =>
        {
            await parsed.Client().Webhooks.RetryAsync(parsed.GetValue(webhook)!, parsed.GetValue(delivery)!, ct);
            if (!parsed.IsJson()) Screen.Say("it is sent again");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address)
        ? address
        : throw new UsageException($"\"{text}\" is no address; it looks like https://hooks.example.com/oncell.");

    private static Argument<string> Webhook() => new("webhook") { Description = "The webhook's id." };
}
