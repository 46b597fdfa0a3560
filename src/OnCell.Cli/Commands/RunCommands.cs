using System.CommandLine;
using OnCell.Cli.Output;
using OnCell.Client;

namespace OnCell.Cli.Commands;

internal static class RunCommands
{
    public static Command Create() => new("runs", "Runs: list, inspect, cancel, decide, signal.") { List(), Inspect(), Cancel(), Decide(), Signal() };

    private static Command List()
    {
        var customer = Common.Customer();
        var command = new Command("list", "Lists a customer's runs, newest first.") { customer };
        command.SetAction(async (parsed, ct) =>
        {
            var runs = await parsed.Client().Runs.ListAsync(parsed.GetValue(customer)!, ct);
            if (parsed.IsJson()) Screen.Json(runs);
            else Show(runs);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Inspect()
    {
        var (run, customer) = (Common.RunArgument(), Common.Customer());
        var command = new Command("inspect", "Shows a run and its steps: executed, re-attached, replayed; tokens and time on each.") { run, customer };
        command.SetAction(async (parsed, ct) =>
        {
            var client = parsed.Client();
            var (who, which) = (parsed.GetValue(customer)!, parsed.GetValue(run)!);
            var found = await client.Runs.GetAsync(who, which, ct);
            var steps = await client.Runs.StepsAsync(who, which, ct);
            if (parsed.IsJson())
            {
                Screen.Json(new { run = found, steps });
                return ExitCodes.Done;
            }

            Show([found]);
            Screen.Table(["step", "kind", "name", "state", "how", "tokens", "took"], steps.Select(s => (IReadOnlyList<string>)
            [
                Screen.Cell(s.Position), Screen.Cell(s.Kind), Screen.Cell(s.Name), Screen.State(s.State), How(s),
                Screen.Cell(s.Annotations?.GetValueOrDefault("tokens")), Screen.Duration(s.Milliseconds),
            ]));
            if (found.Error is { } error) Screen.Say($"{error.Type}: {error.Message}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Cancel()
    {
        var (run, customer) = (Common.RunArgument(), Common.Customer());
        var command = new Command("cancel", "Asks a run to end; it ends at its next step.") { run, customer };
        command.SetAction(async (parsed, ct) =>
        {
            await parsed.Client().Runs.CancelAsync(parsed.GetValue(customer)!, parsed.GetValue(run)!, ct);
            if (!parsed.IsJson()) Screen.Say("asked to end");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Decide()
    {
        var (run, customer) = (Common.RunArgument(), Common.Customer());
        var step = new Option<string>("--step") { Description = "The step's position.", Required = true };
        var again = new Option<bool>("--again") { Description = "It did not take place: run it." };
        var skip = new Option<string?>("--skip") { Description = "It took place: go on with this result, as JSON." };
        var fail = new Option<string?>("--fail") { Description = "Let the step fail, for this reason." };
        var command = new Command("decide", "Decides on a step of which nobody knows whether it took place.") { run, customer, step, again, skip, fail };
        command.SetAction(async (parsed, ct) =>
        {
            RunDecision decision = (parsed.GetValue(again), parsed.GetValue(skip), parsed.GetValue(fail)) switch
            {
                (true, null, null) => new RunDecision.RunAgain(),
                (false, { } result, null) => new RunDecision.Skip(RunCommand.Parse(result, "--skip")),
                (false, null, { } reason) => new RunDecision.Fail(reason),
                _ => throw new UsageException("say exactly one of --again, --skip JSON and --fail REASON."),
            };
            var after = await parsed.Client().Runs.DecideAsync(parsed.GetValue(customer)!, parsed.GetValue(run)!, parsed.GetValue(step)!, decision, ct);
            if (parsed.IsJson()) Screen.Json(after);
            else Show([after]);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Signal()
    {
        var (run, customer) = (Common.RunArgument(), Common.Customer());
        var name = new Argument<string>("name") { Description = "The signal's name." };
        var payload = new Option<string>("--payload") { Description = "What it carries, as JSON.", DefaultValueFactory = _ => "null" };
        var command = new Command("signal", "Sends a signal to a run that waits for one, such as an approval.") { run, name, customer, payload };
        command.SetAction(async (parsed, ct) =>
        {
            await parsed.Client().Runs.SignalAsync(
                parsed.GetValue(customer)!, parsed.GetValue(run)!, parsed.GetValue(name)!, RunCommand.Parse(parsed.GetValue(payload)!, "--payload"), null, ct);
            if (!parsed.IsJson()) Screen.Say("sent");
            return ExitCodes.Done;
        });
        return command;
    }

    private static string How(Step step) =>
        step.Reattached ? "[yellow]re-attached[/]" : step.Replays > 0 ? $"[grey]replayed {step.Replays}×[/]" : step.State == StepState.Completed ? "executed" : "";

    private static void Show(IReadOnlyList<Run> runs) => Screen.Table(["run", "method", "state", "started", "took", "error"], runs.Select(r => (IReadOnlyList<string>)
    [
        Screen.Cell(r.RunId), Screen.Cell(r.Method), Screen.State(r.State), Screen.Time(r.Created),
        Screen.Duration((r.Ended - r.Created)?.TotalMilliseconds), Screen.Cell(r.Error?.Message),
    ]));
}
