using System.Text.Json.Nodes;

namespace OnCell.Cli.Tests;

/// <summary>Runs from the command line: started, looked at, answered, ended.</summary>
public sealed class RunTests(Service service)
{
    [Fact]
    public async Task A_run_shows_what_happens_and_its_result_and_the_same_key_is_the_same_run()
    {
        using var oncell = new Oncell(service);
        var run = await oncell.DoneAsync("run", "echo", "--customer", "acme", "--input", """{"text":"it's; $(hi)"}""", "--key", "k1");
        Assert.Contains("it's; $(hi)", run);
        var again = await oncell.DoneAsync("run", "echo", "-c", "acme", "-i", """{"text":"it's; $(hi)"}""", "--key", "k1", "--detach", "--json");
        var id = Id(JsonNode.Parse(again)!);
        Assert.Single((await oncell.JsonAsync("runs", "list", "--customer", "acme")).AsArray(), r => Id(r!) == id);

        var inspected = await oncell.DoneAsync("runs", "inspect", id, "--customer", "acme");
        Assert.Contains("shell", inspected);
        Assert.Contains("printf", inspected);
        Assert.Contains(id, await oncell.DoneAsync("journal", "inspect", id, "--customer", "acme"));
        var lines = (await oncell.DoneAsync("journal", "export", id, "--customer", "acme")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length >= 2);
        Assert.All(lines, line => JsonNode.Parse(line));
        Assert.Contains("printf", await oncell.DoneAsync("logs", "--customer", "acme", "--last", "100", "--json"));
    }

    [Fact]
    public async Task A_run_that_fails_has_a_code_of_its_own()
    {
        using var oncell = new Oncell(service);
        var outcome = await oncell.RunAsync("run", "fail", "--customer", "acme");
        Assert.Equal(7, outcome.Code);
        Assert.Contains("exit", outcome.Output + outcome.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_run_is_signalled_and_another_cancelled()
    {
        using var oncell = new Oncell(service);
        await oncell.DoneAsync("customers", "create", "waits");
        var first = Id(await oncell.JsonAsync("run", "approve", "-c", "waits", "--detach"));
        await oncell.DoneAsync("runs", "signal", first, "go", "--customer", "waits", "--payload", "\"yes\"");
        Assert.Equal("completed", await EndAsync(oncell, "waits", first));

        var second = Id(await oncell.JsonAsync("run", "approve", "-c", "waits", "--detach"));
        await oncell.DoneAsync("runs", "cancel", second, "--customer", "waits");
        Assert.Equal("cancelled", await EndAsync(oncell, "waits", second));
    }

    [Fact]
    public async Task Secrets_go_in_by_standard_input_and_never_come_out()
    {
        using var oncell = new Oncell(service);
        var set = await oncell.FeedAsync("s3cret-of-the-test", "secrets", "set", "TOKEN", "--customer", "acme");
        Assert.Equal(0, set.Code);
        Assert.Contains("TOKEN", await oncell.DoneAsync("secrets", "list", "--customer", "acme"));
        Assert.Contains("18", await oncell.DoneAsync("run", "secret", "--customer", "acme"));
        foreach (var arguments in (string[][])[["secrets", "list", "-c", "acme", "--json"], ["logs", "-c", "acme", "--last", "100", "--json"]])
            Assert.DoesNotContain("s3cret-of-the-test", await oncell.DoneAsync(arguments));
        await oncell.DoneAsync("secrets", "delete", "TOKEN", "--customer", "acme");
        Assert.Empty((await oncell.JsonAsync("secrets", "list", "--customer", "acme")).AsArray());
    }

    [Fact]
    public async Task A_step_in_doubt_is_decided_by_a_person()
    {
        await using var own = new Service();
        await own.InitializeAsync();
        using (var before = new Oncell(own))
        {
            var started = Id(await before.JsonAsync("run", "charge", "-c", "acme", "--detach"));
            for (var i = 0; !(await before.DoneAsync("runs", "inspect", started, "-c", "acme")).Contains("own", StringComparison.Ordinal); i++)
                Assert.True(i < 200, "The step did not begin.");
        }

        await own.StopAsync();
        await own.StartAsync();
        using var oncell = new Oncell(own);
        var run = (await oncell.JsonAsync("runs", "list", "-c", "acme")).AsArray().Single(r => r!["method"]!.GetValue<string>() == "charge")!;
        Assert.Equal("needsdecision", await EndAsync(oncell, "acme", Id(run)));
        await oncell.DoneAsync("runs", "decide", Id(run), "-c", "acme", "--step", "1", "--skip", "\"charged\"");
        Assert.Equal("completed", await EndAsync(oncell, "acme", Id(run)));
        Assert.Contains("charged", await oncell.DoneAsync("journal", "export", Id(run), "-c", "acme"));
    }

    private static async Task<string> EndAsync(Oncell oncell, string customer, string run)
    {
        for (var i = 0; i < 1200; i++)
        {
            var state = (await oncell.JsonAsync("runs", "list", "--customer", customer)).AsArray()
                .Single(r => Id(r!) == run)!["state"]!.GetValue<string>();
            if (!state.Equals("running", StringComparison.OrdinalIgnoreCase)) return state.ToLowerInvariant();
            await Task.Delay(50);
        }

        throw new TimeoutException($"Run {run} did not end.");
    }

    private static string Id(JsonNode run) => run["runId"]!.GetValue<string>();
}
