using System.CommandLine;
using OnCell.Cli.Output;
using OnCell.Client;
using Spectre.Console;

namespace OnCell.Cli.Commands;

internal static class CustomerCommands
{
    private static readonly PauseTier[] Tiers = [PauseTier.Frozen, PauseTier.Checkpointed, PauseTier.Stopped];

    public static Command Create() => new("customers", "Customers: create, list, delete, pause, resume, copy, quotas.")
    {
        NewCustomer(), List(), Delete(), Pause(), Resume(), SnapshotCommands.Fork(), SnapshotCommands.Create(), QuotaCommands.Create(),
    };

    private static Command NewCustomer()
    {
        var id = Common.CustomerArgument();
        var agent = new Option<string?>("--agent") { Description = "The agent; may be absent where the service has only one." };
        var environment = new Option<string?>("--env", "-e") { Description = "The environment whose deployed agents are the customer's; production where none is named." };
        var config = new Option<string[]>("--config") { Description = "A setting, NAME=VALUE; may be given again.", AllowMultipleArgumentsPerToken = false };
        var quotas = new QuotaCommands.Options();
        var command = new Command("create", "Makes a customer's cell and shows how it comes along.") { id, agent, environment, config };
        quotas.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var wanted = new NewCustomer
            {
                Id = parsed.GetValue(id)!,
                Agent = parsed.GetValue(agent),
                Environment = parsed.GetValue(environment),
                Config = Settings(parsed.GetValue(config) ?? []),
                Quotas = quotas.Change(parsed, new CustomerQuotas()),
            };
            var cell = await CreateAsync(parsed, wanted, ct);
            Show(parsed, [cell], cell);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Task<Cell> CreateAsync(ParseResult parsed, NewCustomer wanted, CancellationToken ct)
    {
        var customers = parsed.Client().Customers;
        return Watching.RunAsync(parsed.IsJson(), $"making the cell of {wanted.Id}", progress => customers.CreateAsync(wanted, progress, ct));
    }

    private static Command List()
    {
        var command = new Command("list", "Lists the customers' cells.");
        command.SetAction(async (parsed, ct) =>
        {
            var cells = await parsed.Client().Customers.ListAsync(ct);
            Show(parsed, cells, cells);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Delete()
    {
        var id = Common.CustomerArgument();
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("delete", "Ends a customer's runs and removes the cell with all its data.") { id, yes };
        command.SetAction(async (parsed, ct) =>
        {
            var customer = parsed.GetValue(id)!;
            if (!await ConfirmAsync(parsed, yes, $"deleting \"{customer}\"", $"Delete {customer} with all its files, runs and memory?", ct))
                return ExitCodes.Interrupted;
            await parsed.Client().Customers.DeleteAsync(customer, ct);
            if (!parsed.IsJson()) Screen.Say($"{customer} is deleted");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Pause()
    {
        var id = Common.CustomerArgument();
        var tier = Common.Typed(
            "--tier", "How deeply: frozen (wakes in milliseconds), checkpointed or stopped.", PauseTier.Stopped, "frozen, checkpointed or stopped",
            text => Tiers.Where(t => string.Equals(t.ToString(), text, StringComparison.OrdinalIgnoreCase)).Select(t => (PauseTier?)t).FirstOrDefault());
        var command = new Command("pause", "Pauses an idle cell; any call wakes it.") { id, tier };
        command.SetAction(async (parsed, ct) =>
        {
            var cell = await parsed.Client().Customers.PauseAsync(parsed.GetValue(id)!, parsed.GetValue(tier), ct);
            Show(parsed, [cell], cell);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Resume()
    {
        var id = Common.CustomerArgument();
        var command = new Command("resume", "Wakes a cell.") { id };
        command.SetAction(async (parsed, ct) =>
        {
            var cell = await parsed.Client().Customers.ResumeAsync(parsed.GetValue(id)!, ct);
            Show(parsed, [cell], cell);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Cells as a table, or as the JSON of what the command is about.</summary>
    public static void Show<T>(ParseResult parsed, IReadOnlyList<Cell> cells, T json)
    {
        if (parsed.IsJson())
        {
            Screen.Json(json);
            return;
        }

        Screen.Table(["customer", "agent", "state", "since", "reason"], cells.Select(c => (IReadOnlyList<string>)
        [
            Screen.Cell(c.Customer), Screen.Cell(c.Agent),
            Screen.State(c.State) + (c.Tier is { } tier ? $" [grey]{tier.ToString().ToLowerInvariant()}[/]" : ""),
            Screen.Time(c.Changed), Screen.Cell(c.Reason),
        ]));
    }

    /// <summary>Asks a person before what cannot be undone; a program says <c>--yes</c>.</summary>
    public static async Task<bool> ConfirmAsync(ParseResult parsed, Option<bool> yes, string what, string question, CancellationToken ct)
    {
        if (parsed.GetValue(yes)) return true;
        return Console.IsInputRedirected
            ? throw new UsageException($"{what} cannot be undone: say --yes.")
            : await Screen.Errors.ConfirmAsync(Markup.Escape(question), false, ct);
    }

    private static Dictionary<string, string> Settings(string[] texts)
    {
        var settings = new Dictionary<string, string>();
        foreach (var (name, value) in texts.Select(Setting))
        {
            if (!settings.TryAdd(name, value)) throw new UsageException($"--config {name} is given twice.");
        }

        return settings;
    }

    private static (string Name, string Value) Setting(string text) => text.IndexOf('=') is > 0 and var at
        ? (text[..at], text[(at + 1)..])
        : throw new UsageException($"--config \"{text}\" is not NAME=VALUE.");
}
