using System.Diagnostics;
using System.Globalization;
using OnCell.Demo;
using OnCell.Demo.Checks;

namespace OnCell.EndToEnd.Tests.Kills;

/// <summary>The agent's whole task, over and over, each time struck down at a random moment.</summary>
public sealed class RandomKillsTests
{
    private const int Seed = 20261123;
    private const string RoundsVariable = "ONCELL_KILL_ROUNDS";
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromMinutes(2);

    private static int Rounds => int.Parse(Environment.GetEnvironmentVariable(RoundsVariable) ?? "50", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_service_killed_at_any_moment_delivers_exactly_once()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "cells need root");
        var cancellation = TestContext.Current.CancellationToken;
        await using var arena = await Arena.OpenAsync(cancellation);
        var undisturbed = Stopwatch.StartNew();
        await DeliverAsync(arena, null, cancellation);
        var length = undisturbed.Elapsed;

        var random = new Random(Seed);
        for (var round = 1; round <= Rounds; round++)
        {
            var moment = random.NextDouble() * length;
            var withSandbox = round % 2 == 0;
            try
            {
                await DeliverAsync(arena, async () =>
                {
                    await Task.Delay(moment, cancellation);
                    await arena.StrikeAsync(withSandbox);
                    await arena.Host.StartAsync(cancellation);
                }, cancellation);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                throw new InvalidOperationException(
                    $"Round {round} of {Rounds}: SIGKILL of the service{(withSandbox ? " and the sandbox" : "")} after {moment.TotalMilliseconds:0} ms", e);
            }
        }

        Assert.Equal(Rounds, arena.Host.Kills);
        Assert.Empty(await arena.CloseAsync(cancellation));
    }

    [Fact]
    public async Task What_was_opened_is_closed_where_the_rest_cannot_be()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Arena.OpenAsync(new CancellationToken(canceled: true)));
        new Workspace(Arena.Home).Dispose();
    }

    private static async Task DeliverAsync(Arena arena, Func<Task>? disturb, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(RoundTimeout);
        var run = await arena.StartTaskAsync(limit.Token);
        if (disturb is not null)
            await disturb();
        var outcome = await arena.WaitAsync(run, limit.Token);

        Assert.Equal(2, outcome.Attempts);
        Assert.Equal(["main", outcome.Branch], await arena.Repository.BranchesAsync(limit.Token));
        Assert.Equal(1, await arena.Repository.CountCommitsAsync(outcome.Branch, limit.Token));
        Assert.Equal(outcome.Files, await arena.Repository.ChangedFilesAsync(outcome.Branch, limit.Token));
        await arena.WakeAsync(limit.Token);
        Assert.Empty(arena.CommandsRunTwice());
        Assert.Equal(0, PaidTwice.Count(arena.ModelCalls));
        Assert.Equal(1, arena.Host.Traces.Find().Count(trace => trace.StartsWith("loop device", StringComparison.Ordinal)));
        await arena.Repository.DeleteBranchAsync(outcome.Branch, limit.Token);
    }
}
