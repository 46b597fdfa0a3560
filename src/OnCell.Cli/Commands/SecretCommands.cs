using System.CommandLine;
using OnCell.Cli.Output;
using Spectre.Console;

namespace OnCell.Cli.Commands;

internal static class SecretCommands
{
    public static Command Create() => new("secrets", "Secrets: set, list, delete. A value goes in and never comes out.") { Set(), List(), Delete() };

    private static Option<string?> Customer() => new("--customer", "-c") { Description = "The customer; without it the secrets of all customers." };

    private static Argument<string> Name() => new("name") { Description = "The secret's name." };

    private static Command Set()
    {
        var (name, customer) = (Name(), Customer());
        var command = new Command("set", "Sets or rotates a secret; its value is asked for, or read from standard input.") { name, customer };
        command.SetAction(async (parsed, ct) =>
        {
            // Never an argument: those are seen by every user of the machine, and kept by shells.
            var value = Console.IsInputRedirected
                ? (await Console.In.ReadToEndAsync(ct)).TrimEnd('\n', '\r')
                : Screen.Errors.Prompt(new TextPrompt<string>("Value:").Secret());
            var secret = await parsed.Client().Secrets.SetAsync(parsed.GetValue(customer), parsed.GetValue(name)!, value, ct);
            if (parsed.IsJson()) Screen.Json(secret);
            else Screen.Say($"{secret.Name} is set (version {secret.Version})");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List()
    {
        var customer = Customer();
        var command = new Command("list", "Lists names, versions and times.") { customer };
        command.SetAction(async (parsed, ct) =>
        {
            var secrets = await parsed.Client().Secrets.ListAsync(parsed.GetValue(customer), ct);
            if (parsed.IsJson()) Screen.Json(secrets);
            else Screen.Table(["name", "customer", "version", "changed"], secrets.Select(s => (IReadOnlyList<string>)
                [Screen.Cell(s.Name), Screen.Cell(s.Customer ?? "all"), $"{s.Version}", Screen.Time(s.Changed)]));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Delete()
    {
        var (name, customer) = (Name(), Customer());
        var command = new Command("delete", "Removes a secret.") { name, customer };
        command.SetAction(async (parsed, ct) =>
        {
            await parsed.Client().Secrets.DeleteAsync(parsed.GetValue(customer), parsed.GetValue(name)!, ct);
            if (!parsed.IsJson()) Screen.Say("removed");
            return ExitCodes.Done;
        });
        return command;
    }
}
