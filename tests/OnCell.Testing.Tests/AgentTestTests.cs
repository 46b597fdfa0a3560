using OnCell.Journaling;

namespace OnCell.Testing.Tests;

public sealed class AgentTestTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_runs_without_a_sandbox_and_everything_is_seen()
    {
        await using var test = Arrange();
        var agent = await test.StartAsync();
        var report = await agent.EverythingAsync("hello", Ct);

        Assert.Equal((1, "said", 1, "paid", "hello"), (report.Count, report.Answer, report.Hits, report.Paid, report.Note));
        Assert.Equal([0, 1, 2], report.Branches);
        Assert.Equal(["count", "receipt"], report.Keys);
        Assert.Equal("git clone https://git.test/a.git /work", test.Shell.Commands[0]);
        Assert.Contains("append 2-second", test.Shell.Commands);
        Assert.Single(test.Model.Requests);
        Assert.Equal(2, (await agent.EverythingAsync("hello", Ct)).Count);
    }

    [Fact]
    public async Task The_outcome_is_the_same_wherever_it_crashes() =>
        Assert.True(await CrashAnywhere.CheckAsync(Arrange, agent => agent.EverythingAsync("hello", Ct), Ct) > 100);

    [Fact]
    public async Task An_agent_that_is_not_the_same_each_time_is_found_out()
    {
        var error = await Assert.ThrowsAnyAsync<OnCellException>(
            () => CrashAnywhere.CheckAsync(Arrange, agent => agent.DriftAsync(Ct), Ct));
        Assert.True(error is CrashOutcomeException || error.Message.Contains("Diverged", StringComparison.Ordinal), error.ToString());
    }

    [Fact]
    public async Task A_command_without_a_rule_says_how_to_add_one()
    {
        await using var test = Arrange();
        var agent = await test.StartAsync();
        test.Shell.When("append*", exitCode: 3, stderr: "no room");
        var error = await Assert.ThrowsAsync<AgentRunException>(() => agent.EverythingAsync("hello", Ct));
        Assert.Contains("no room", error.Message, StringComparison.Ordinal);

        await using var bare = new AgentTest<PlainAgent> { Config = { ["repoUrl"] = "x" } };
        Assert.Contains("Shell.When", (await Assert.ThrowsAsync<OnCellException>(() => bare.StartAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restarted_service_goes_on_with_what_waits()
    {
        await using var test = Arrange();
        var run = await (await test.StartAsync("key")).StartWaitAsync(Ct);
        await test.RestartAsync();
        await test.SignalAsync(run.Id, "number", 42);
        Assert.Equal("42", await test.For("key").WaitAsync(Ct));
    }

    [Fact]
    public async Task A_signal_of_the_wrong_form_is_named()
    {
        await using var test = Arrange();
        var run = await (await test.StartAsync()).StartWaitAsync(Ct);
        await test.SignalAsync(run.Id, "number", "many");
        var error = await Assert.ThrowsAsync<AgentRunException>(() => run.WaitAsync(Ct));
        Assert.Contains("payload of the signal \"number\" is not a Int32", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cycle", "Memory: the Cycle for \"cycle\" cannot be kept as JSON")]
    [InlineData("delegate", "cannot be kept as JSON")]
    [InlineData("large", "at most 1048576 are kept")]
    [InlineData("key", "a key has 1 to 1000 characters, not 2000")]
    [InlineData("mismatch", "what is kept under \"words\" cannot be read as Int32")]
    public async Task What_memory_cannot_keep_is_said_and_the_cell_goes_on(string what, string words)
    {
        await using var test = Arrange();
        var agent = await test.StartAsync();
        var error = await Assert.ThrowsAsync<AgentRunException>(() => agent.KeepAsync(what, Ct));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(RunState.Failed, error.Run.State);
        Assert.Equal(1, (await agent.EverythingAsync("hello", Ct)).Count);
    }

    private static AgentTest<PlainAgent> Arrange()
    {
        var test = new AgentTest<PlainAgent> { Config = { ["repoUrl"] = "https://git.test/a.git" } };
        test.Model.When("Say").Answer("said");
        test.Shell
            .When("git clone *", command =>
            {
                File.WriteAllText(Path.Combine(command.WorkFolder, "greeting.py"), "def greeting():\n    return 'hello'\n");
                return new FakeResult();
            })
            .When("append *");
        return test;
    }
}
