using System.CommandLine;
using System.Globalization;
using OnCell.Cli.Output;

namespace OnCell.Cli.Commands;

/// <summary>What a customer used, to be billed or watched.</summary>
internal static class UsageCommand
{
    public static Command Create()
    {
        var customer = Common.Customer();
        var since = Common.Time("--since", "From this time on; the month's beginning by default.");
        var until = Common.Time("--until", "Before this time; now by default.");
        var command = new Command("usage", "Shows what a customer used: time, processor, memory, disk, tokens, network; and its quotas.") { customer, since, until };
        command.SetAction(async (parsed, ct) =>
        {
            var usage = await parsed.Client().Customers.GetUsageAsync(parsed.GetValue(customer)!, parsed.GetValue(since), parsed.GetValue(until), ct);
            if (parsed.IsJson())
            {
                Screen.Json(usage);
                return ExitCodes.Done;
            }

            Screen.Say($"from {Screen.Time(usage.Since)} until {Screen.Time(usage.Until)}");
            Screen.Table(["meter", "amount"], usage.Totals.OrderBy(t => t.Key, StringComparer.Ordinal)
                .Select(t => (IReadOnlyList<string>)[Screen.Cell(t.Key), Number(t.Value)]));
            if (usage.Quotas.Count > 0)
                QuotaCommands.Show(usage.Quotas);
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);
}
