using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnCell.Cli.Output;
using OnCell.Client;

namespace OnCell.Cli.Commands;

internal static class RunCommand
{
    public static Command Create()
    {
        var method = new Argument<string>("method") { Description = "The agent's method, such as task." };
        var customer = Common.Customer();
        var input = new Option<string>("--input", "-i") { Description = "The arguments as a JSON object; @FILE or @- (standard input) reads it.", DefaultValueFactory = _ => "{}" };
        var detach = new Option<bool>("--detach", "-d") { Description = "Start the run, say its id and do not wait." };
        var key = new Option<string?>("--key") { Description = "An idempotency key: the same key is the same run." };
        var command = new Command("run", "Runs an agent's method in a customer's cell and shows what happens.") { method, customer, input, detach, key };
        command.SetAction(async (parsed, ct) =>
        {
            var client = parsed.Client();
            var (who, what) = (parsed.GetValue(customer)!, parsed.GetValue(method)!);
            var run = await client.Agents.StartAsync(who, what, await ReadAsync(parsed.GetValue(input)!, ct), parsed.GetValue(key), ct);
            if (!parsed.GetValue(detach)) return await FollowAsync(client, parsed, who, run.RunId, ct);
            if (parsed.IsJson()) Screen.Json(run);
            else Console.Out.WriteLine(run.RunId);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Shows a run until it ends or needs a person; the exit code says which.</summary>
    public static async Task<int> FollowAsync(OnCellClient client, ParseResult parsed, string customer, string run, CancellationToken ct)
    {
        var printer = new RunPrinter(parsed.IsJson());
        if (!parsed.IsJson()) Screen.Say($"run {run}; it goes on when this command is ended");
        await foreach (var e in client.Runs.EventsAsync(customer, run, 0, ct))
        {
            printer.Print(e);
            if (e.Type == "step.needs-decision")
            {
                Screen.Say($"Decide with: oncell runs decide {run} --customer {customer} --step {e.Text("position")} --again (or --skip JSON, --fail REASON)");
                return ExitCodes.RunWaits;
            }
        }

        var ended = await client.Runs.GetAsync(customer, run, ct);
        if (!parsed.IsJson() && ended.Result is { } result)
            Console.Out.WriteLine(Plain.Text(result is JsonValue value && value.TryGetValue<string>(out var text) ? text : result.ToJsonString(new JsonSerializerOptions { WriteIndented = true })));
        return ended.State == RunState.Completed ? ExitCodes.Done : ExitCodes.RunFailed;
    }

    private static async Task<JsonObject> ReadAsync(string input, CancellationToken ct)
    {
        var text = input switch
        {
            "@-" => await Console.In.ReadToEndAsync(ct),
            ['@', .. var path] => await File.ReadAllTextAsync(path, ct),
            _ => input,
        };
        return Parse(text, "--input") as JsonObject ?? throw new UsageException("--input is a JSON object: the arguments by name, such as {\"instruction\":\"Add dark mode\"}.");
    }

    public static JsonNode? Parse(string text, string what)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException e)
        {
            throw new UsageException($"{what} is not JSON: {e.Message.Split(" LineNumber: ")[0].TrimEnd('.')} (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
    }
}
