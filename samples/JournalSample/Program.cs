using System.Globalization;
using OnCell.Journaling;

// Ten payments, each made exactly once, however often this program is killed: run it, kill it (kill -9), run it again.
// JournalSample [FOLDER [MILLISECONDS]]: where the journal and the bank are, and how slow the bank is.
const string RunId = "payday";
var folder = Directory.CreateDirectory(args is [var given, ..] ? given : Path.Combine(AppContext.BaseDirectory, "payday")).FullName;
var pace = TimeSpan.FromMilliseconds(args is [_, var milliseconds] ? int.Parse(milliseconds, CultureInfo.InvariantCulture) : 300);
var bank = new Bank(Path.Combine(folder, "bank.txt"), pace);

await using var journal = await DurableJournal.OpenAsync(Path.Combine(folder, "journal.db"));
if (await journal.GetRunAsync(RunId, default) is { IsOpen: false } ended)
{
    Console.WriteLine($"all done: {ended.ResultJson}");
    return;
}

await using var started = await journal.StartRunAsync(new RunStart(RunId, "payments", "{}", "1"), default);
await using var run = started.Created ? started : await journal.ResumeRunAsync(RunId, default);
var total = 0;
for (var employee = 1; employee <= 10; employee++)
{
    Console.Write($"{(run.Replaying ? "replayed" : "paying  ")} employee {employee} ... ");
    var number = employee;
    total += await run.StepAsync(
        new StepSpec<int>
        {
            Kind = "payment",
            Name = $"pay employee {number}",
            Arguments = [new StepArgument("employee", $"{number}"), new StepArgument("amount", "100")],

            // A payment must not be made twice, but the bank can be asked: after a crash the probe is called first.
            Effect = StepEffect.Verifiable,
            Body = (step, ct) => bank.PayAsync(step.Key, number, 100, ct),
            Probe = (step, _) => Task.FromResult(
                bank.HasPaid(step.Key) ? ProbeResult<int>.Done(100) : ProbeResult<int>.NotDone()),
        },
        default);
    Console.WriteLine("paid");
}

await run.CompleteAsync($"{total}", default);
Console.WriteLine($"all done: {total} paid, {bank.Payments} payments at the bank");

/// <summary>Someone else's system: slow, and with a memory of its own.</summary>
internal sealed class Bank(string file, TimeSpan pace)
{
    public int Payments => File.Exists(file) ? File.ReadLines(file).Count() : 0;

    public bool HasPaid(string key) => File.Exists(file) && File.ReadLines(file).Any(line => line.StartsWith(key + " ", StringComparison.Ordinal));

    public async Task<int> PayAsync(string key, int employee, int amount, CancellationToken ct)
    {
        await Task.Delay(pace, ct);
        await File.AppendAllTextAsync(file, $"{key} {employee} {amount}\n", ct);
        await Task.Delay(pace, ct);
        return amount;
    }
}
