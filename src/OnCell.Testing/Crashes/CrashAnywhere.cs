using System.Security.Cryptography;
using System.Text.Json;

namespace OnCell.Testing;

/// <summary>Runs an agent again and again, each time with a crash at another point, and asserts that the outcome is the same.</summary>
/// <remarks>
/// Points are: before each step, after its start was written, in the middle of each command, after the effect and before its
/// end was written, and after its end; in the setup and in the call. Each is tried twice: the service dies and the cell lives;
/// both die. The outcome is the result, the customer's memory, the cell's files, and what the model was paid for. Where only
/// the service dies, no command may run twice; a probe is asked only after the death of a cell and is not compared. What comes of <see cref="CellContext.NewGuid"/>, <see cref="CellContext.NewRandom"/>
/// and <see cref="CellContext.NowAsync"/> is another in each try: keep it out of the result, the memory and the files.
/// </remarks>
public static class CrashAnywhere
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Tries every point.</summary>
    /// <typeparam name="TAgent">The agent's class.</typeparam>
    /// <typeparam name="TResult">The call's result.</typeparam>
    /// <param name="arrange">Makes a test: files, config, rules of shell and model. Called for each crash.</param>
    /// <param name="call">Calls the agent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many crashes were tried.</returns>
    /// <exception cref="CrashOutcomeException">After a crash the outcome was another.</exception>
    public static async Task<int> CheckAsync<TAgent, TResult>(
        Func<AgentTest<TAgent>> arrange, Func<AgentCaller<TAgent>, Task<TResult>> call, CancellationToken cancellationToken = default)
        where TAgent : Agent
    {
        ArgumentNullException.ThrowIfNull(arrange);
        ArgumentNullException.ThrowIfNull(call);
        int points;
        Outcome expected;
        await using (var calm = arrange())
        {
            var agent = await calm.StartAsync("crash").ConfigureAwait(false);
            expected = await Outcome.ReadAsync(calm, await call(agent).WaitAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            points = calm.World.Crashes.Passed;
        }

        var crashes = 0;
        foreach (var withCell in new[] { false, true })
        {
            for (var point = 0; point < points; point++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await using var test = arrange();
                test.World.Crashes.Arm(point, withCell);
                var result = await RunAsync(test, call, cancellationToken).ConfigureAwait(false);
                (await Outcome.ReadAsync(test, result).ConfigureAwait(false)).ThrowIfNot(expected, test.World.Crashes.Place, point, withCell);
                crashes++;
            }
        }

        return crashes;
    }

    private static async Task<TResult> RunAsync<TAgent, TResult>(
        AgentTest<TAgent> test, Func<AgentCaller<TAgent>, Task<TResult>> call, CancellationToken cancellationToken)
        where TAgent : Agent
    {
        var crashed = test.World.Crashes.Crashed;
        var doing = "ran";
        try
        {
            var first = FirstLifeAsync(test, call);
            await Task.WhenAny(first, crashed).WaitAsync(Patience, cancellationToken).ConfigureAwait(false);

            // Points may come in another order where branches race; one may not be met.
            if (!crashed.IsCompleted) return await first.ConfigureAwait(false);
            doing = "ended its service";
            await test.RestartAsync().WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
            doing = "took up its setup";
            await test.WaitUntilMadeAsync(cancellationToken).WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
            doing = "took up its run";
            return await call(test.For("crash")).WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new CrashOutcomeException($"After a crash at \"{test.World.Crashes.Place}\" the test {doing} for more than {Patience}.", e);
        }
    }

    private static async Task<TResult> FirstLifeAsync<TAgent, TResult>(AgentTest<TAgent> test, Func<AgentCaller<TAgent>, Task<TResult>> call)
        where TAgent : Agent => await call(await test.StartAsync("crash").ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>What is compared.</summary>
    private sealed record Outcome(
        string Result, string Memory, string Files, IReadOnlyList<string> Requests, IReadOnlyList<string> Commands, IReadOnlyList<string> Twice)
    {
        public static async Task<Outcome> ReadAsync<TAgent, TResult>(AgentTest<TAgent> test, TResult result)
            where TAgent : Agent => new(
                JsonSerializer.Serialize(result, OnCellJson.Options),
                string.Join('\n', (await test.ReadMemoryAsync().ConfigureAwait(false)).Select(m => $"{m.Key} = {m.Value}")),
                string.Join('\n', Directory.EnumerateFiles(test.WorkFolder, "*", SearchOption.AllDirectories)
                    .Select(f => $"{Path.GetRelativePath(test.WorkFolder, f)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f)))}")
                    .Order(StringComparer.Ordinal)),
                [.. test.Model.Requests.Order(StringComparer.Ordinal)],
                [.. test.Shell.Invocations.Where(i => i.Key is not null).Select(i => i.Command).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                [.. test.Shell.Invocations.Where(i => i.Key is not null).GroupBy(i => i.Key).Where(g => g.Count() > 1).Select(g => g.First().Command)]);

        public void ThrowIfNot(Outcome expected, string place, int point, bool withCell)
        {
            var difference =
                Result != expected.Result ? $"the result is {Result}, without a crash {expected.Result}"
                : Memory != expected.Memory ? $"the memory is\n{Memory}\nwithout a crash\n{expected.Memory}"
                : Files != expected.Files ? $"the files are\n{Files}\nwithout a crash\n{expected.Files}"
                : !Requests.SequenceEqual(expected.Requests) ? $"the model was paid for {Requests.Count} requests, without a crash for {expected.Requests.Count}, or for others"
                : Commands.Count != expected.Commands.Count ? $"other commands ran: {string.Join("; ", Commands)}; without a crash {string.Join("; ", expected.Commands)}"
                : Twice.Count > 0 ? $"ran twice under one key: {string.Join("; ", Twice)}"
                : null;
            if (difference is not null)
                throw new CrashOutcomeException($"After a crash of the service{(withCell ? " and its cell" : "")} at point {point} ({place}), {difference}.");
        }
    }
}

/// <summary>After a crash the outcome was another than without.</summary>
public sealed class CrashOutcomeException(string message, Exception? innerException = null)
    : OnCellException(OnCellError.Failed, message, innerException);
