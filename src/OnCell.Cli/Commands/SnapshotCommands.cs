using System.CommandLine;
using OnCell.Cli.Output;
using OnCell.Client;

namespace OnCell.Cli.Commands;

/// <summary>Copies of a cell's disk.</summary>
internal static class SnapshotCommands
{
    public static Command Create() => new("snapshots", "Copies of a cell's disk: list, create, restore, delete.") { List(), NewSnapshot(), Restore(), Delete() };

    public static Command Fork()
    {
        var (id, into) = (Common.CustomerArgument(), new Argument<string>("new") { Description = "The new customer's id." });
        var snapshot = new Option<string?>("--snapshot") { Description = "The copy to begin with; without it the disk as it is now." };
        var command = new Command("fork", "Makes a new customer whose cell begins with a copy of this one's disk.") { id, into, snapshot };
        command.SetAction(async (parsed, ct) =>
        {
            var fork = new NewFork { Id = parsed.GetValue(into)!, Snapshot = parsed.GetValue(snapshot) };
            var cell = await parsed.Client().Customers.ForkAsync(parsed.GetValue(id)!, fork, ct);
            CustomerCommands.Show(parsed, [cell], cell);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Argument<string> Name() => new("name") { Description = "The copy's name." };

    private static Command List()
    {
        var id = Common.CustomerArgument();
        var command = new Command("list", "Lists the copies, oldest first.") { id };
        command.SetAction(async (parsed, ct) =>
        {
            var snapshots = await parsed.Client().Customers.ListSnapshotsAsync(parsed.GetValue(id)!, ct);
            Show(parsed, snapshots, snapshots);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command NewSnapshot()
    {
        var id = Common.CustomerArgument();
        var name = new Option<string?>("--name") { Description = "Its name; the time by default." };
        var command = new Command("create", "Copies the disk as it is at this moment.") { id, name };
        command.SetAction(async (parsed, ct) =>
        {
            var snapshot = await parsed.Client().Customers.CreateSnapshotAsync(parsed.GetValue(id)!, parsed.GetValue(name), ct);
            Show(parsed, [snapshot], snapshot);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Restore()
    {
        var (id, name) = (Common.CustomerArgument(), Name());
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("restore", "Puts a copy in the place of an idle cell's disk; what was written since is lost.") { id, name, yes };
        command.SetAction(async (parsed, ct) =>
        {
            var (customer, snapshot) = (parsed.GetValue(id)!, parsed.GetValue(name)!);
            if (!await CustomerCommands.ConfirmAsync(parsed, yes, $"restoring \"{snapshot}\"", $"Replace the disk of {customer} by {snapshot}, and lose what was written since?", ct))
                return ExitCodes.Interrupted;
            var cell = await parsed.Client().Customers.RestoreSnapshotAsync(customer, snapshot, ct);
            CustomerCommands.Show(parsed, [cell], cell);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Delete()
    {
        var (id, name) = (Common.CustomerArgument(), Name());
        var command = new Command("delete", "Removes a copy.") { id, name };
        command.SetAction(async (parsed, ct) =>
        {
            await parsed.Client().Customers.DeleteSnapshotAsync(parsed.GetValue(id)!, parsed.GetValue(name)!, ct);
            if (!parsed.IsJson()) Screen.Say("removed");
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Show<T>(ParseResult parsed, IReadOnlyList<Snapshot> snapshots, T json)
    {
        if (parsed.IsJson()) Screen.Json(json);
        else Screen.Table(["name", "created", "size"], snapshots.Select(s => (IReadOnlyList<string>)
            [Screen.Cell(s.Name), Screen.Time(s.Created), $"{s.Bytes / 1e6:0.0} MB"]));
    }
}
