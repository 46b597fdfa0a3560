using System.CommandLine;
using OnCell.Cli.Output;
using OnCell.Cli.Terminal;

namespace OnCell.Cli.Commands;

internal static class CellCommands
{
    public static Command Create() => new("cells", "Cells: list, inspect, shell.") { List(), Inspect(), Shell() };

    private static Command List()
    {
        var command = new Command("list", "Lists all cells with their states.");
        command.SetAction(async (parsed, ct) =>
        {
            var cells = await parsed.Client().Cells.ListAsync(ct);
            CustomerCommands.Show(parsed, cells, cells);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Inspect()
    {
        var id = Common.CustomerArgument();
        var command = new Command("inspect", "Shows one cell: state, timings, network decisions with the rule to add for each denial.") { id };
        command.SetAction(async (parsed, ct) =>
        {
            var details = await parsed.Client().Cells.InspectAsync(parsed.GetValue(id)!, ct);
            CustomerCommands.Show(parsed, [details.Cell], details);
            if (parsed.IsJson()) return ExitCodes.Done;
            foreach (var (name, ms) in details.Cell.Timings) Screen.Say($"{name.Replace("_ms", "", StringComparison.Ordinal)}: {Screen.Duration(ms)}");
            if (details.Egress.Count > 0)
            {
                Screen.Table(["time", "decision", "to", "rule or reason"], details.Egress.Select(e => (IReadOnlyList<string>)
                [
                    Screen.Time(e.Time), e.Allowed ? "[green]allowed[/]" : "[red]denied[/]", Screen.Cell($"{e.Host}:{e.Port}"), Screen.Cell(e.Rule ?? e.Reason),
                ]));
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Shell()
    {
        var id = Common.CustomerArgument();
        var command = new Command("shell", "Opens a terminal in the cell. It ends with the shell, or with this command.") { id };
        command.SetAction((parsed, ct) => ShellSession.RunAsync(parsed.Client(), parsed.GetValue(id)!, ct));
        return command;
    }
}
