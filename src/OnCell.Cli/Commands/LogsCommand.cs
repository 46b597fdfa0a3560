using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OnCell.Cli.Output;
using OnCell.Client;

namespace OnCell.Cli.Commands;

/// <summary>What happened in a customer's runs, one after the other; with --follow also what happens next.</summary>
internal static class LogsCommand
{
    private const int MaxRuns = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var customer = Common.Customer();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what happens next." };
        var last = Common.Typed(
            "--last", "How many of the newest runs to begin with; 1 to 100.", 1, "a whole number from 1 to 100",
            text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= MaxRuns ? n : null);
        var command = new Command("logs", "Shows what happens in a customer's runs.") { customer, follow, last };
        command.SetAction((parsed, ct) => RunAsync(parsed, parsed.GetValue(customer)!, parsed.GetValue(follow), parsed.GetValue(last), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string customer, bool follow, int last, CancellationToken ct)
    {
        var client = parsed.Client();
        var printer = new RunPrinter(parsed.IsJson());
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var first = true; ; first = false)
        {
            var runs = await client.Runs.ListAsync(customer, ct);
            var newest = first ? runs.Take(last) : runs.TakeWhile(r => !seen.Contains(r.RunId));
            foreach (var run in newest.Reverse().ToList())
            {
                if (!parsed.IsJson()) Screen.Say($"run {run.RunId} {run.Method}");
                if (follow || !run.IsOpen) await PrintAsync(client, customer, run.RunId, printer, ct);
                else await PrintSoFarAsync(parsed, client, customer, run.RunId, ct);
            }

            seen.UnionWith(runs.Select(r => r.RunId));
            if (!follow) return ExitCodes.Done;
            await Task.Delay(Pause, ct);
        }
    }

    /// <summary>The stream of a run that has not ended does not end either; its steps so far are a list.</summary>
    private static async Task PrintSoFarAsync(ParseResult parsed, OnCellClient client, string customer, string run, CancellationToken ct)
    {
        foreach (var step in await client.Runs.StepsAsync(customer, run, ct))
        {
            if (parsed.IsJson()) Screen.JsonLine(step);
            else Screen.Say($"{step.Position,-5} {step.Kind,-7} {step.Name} ({JsonNamingPolicy.CamelCase.ConvertName(step.State.ToString())})");
        }

        if (!parsed.IsJson()) Screen.Say("it goes on; --follow shows what happens next");
    }

    private static async Task PrintAsync(OnCellClient client, string customer, string run, RunPrinter printer, CancellationToken ct)
    {
        await foreach (var e in client.Runs.EventsAsync(customer, run, 0, ct)) printer.Print(e);
    }
}
