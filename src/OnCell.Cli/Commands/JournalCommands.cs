using System.CommandLine;
using OnCell.Cli.Output;

namespace OnCell.Cli.Commands;

/// <summary>A run as the journal has it: each event, and all of it as lines of JSON.</summary>
internal static class JournalCommands
{
    public static Command Create() => new("journal", "The journal of a run: inspect, export.") { Inspect(), Export() };

    private static Command Inspect()
    {
        var (run, customer) = (Common.RunArgument(), Common.Customer());
        var command = new Command("inspect", "Shows every event of a run that is stored; an open run is followed to its end.") { run, customer };
        command.SetAction(async (parsed, ct) =>
        {
            await foreach (var e in parsed.Client().Runs.EventsAsync(parsed.GetValue(customer)!, parsed.GetValue(run)!, 0, ct))
            {
                if (e.Id is null) continue;
                if (parsed.IsJson()) Screen.JsonLine(new { id = e.Id, type = e.Type, data = e.Data });
                else Console.Out.WriteLine($"{e.Id,6} {e.Type,-22} {Plain.Text(e.Data.ToJsonString())}");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Export()
    {
        var (run, customer) = (Common.RunArgument(), Common.Customer());
        var output = new Option<string?>("--output", "-o") { Description = "The file; default: standard output." };
        var command = new Command("export", "Writes a run, its steps with their results, and nothing else, as lines of JSON.") { run, customer, output };
        command.SetAction(async (parsed, ct) =>
        {
            var client = parsed.Client();
            var (who, which) = (parsed.GetValue(customer)!, parsed.GetValue(run)!);
            var target = Console.Out;
            if (parsed.GetValue(output) is { } path)
            {
                Console.SetOut(new StreamWriter(path) { AutoFlush = true });
                Screen.Say($"writing {path}");
            }

            Screen.JsonLine(new { run = await client.Runs.GetAsync(who, which, ct) });
            foreach (var step in await client.Runs.StepsAsync(who, which, ct))
                Screen.JsonLine(new { step, result = await client.Runs.StepResultAsync(who, which, step.Position, ct) });
            Console.SetOut(target);
            return ExitCodes.Done;
        });
        return command;
    }
}
