using System.Text.Json;
using CodingSample;
using CodingSample.Models;
using OnCell.Demo.Checks;
using OnCell.Demo.GitHost;
using OnCell.Demo.Project;
using OnCell.Demo.Screen;
using OnCell.Demo.Service;

namespace OnCell.Demo;

/// <summary>The main job, end to end: a customer, a task, two crashes, a push, and proof.</summary>
public sealed class DemoRun(DemoOptions options, Reporter screen)
{
    private const string Customer = "acme-corp";
    private readonly List<string> _problems = [];
    private readonly SortedDictionary<string, double> _figures = new(StringComparer.Ordinal);

    /// <summary>Runs it all.</summary>
    public async Task<DemoSummary> RunAsync(CancellationToken cancellationToken)
    {
        using var workspace = new Workspace(options.Home);
        screen.Chapter("Preparing");
        var project = await SampleProject.PrepareAsync(options.Home, cancellationToken);
        screen.Say($"project: {SampleProject.Package} {project.Version}, a Debian source package with its own tests");
        await project.PublishAsync(workspace.BareRepository, cancellationToken);

        await using var git = await GitServer.StartAsync(workspace.Repositories, cancellationToken);
        screen.Say($"git host: http-backend on 127.0.0.1:{git.Port}, with a token; the cells know it as {ServiceOptions.GitHostName}");

        await using var host = new ServiceHost(workspace.ServiceOptions(git.Port, SampleProject.CellPackages));
        await host.StartAsync(cancellationToken);
        var model = await host.Api.GetAsync("model", cancellationToken);
        var live = model.GetProperty("live").GetBoolean();
        screen.Say($"service: started; model: {(live ? "LIVE" : "RECORDED")}, {model.GetProperty("description")}");
        try
        {
            await DeleteCustomersAsync(host, cancellationToken);
            await CreateAsync(host, git, cancellationToken);
            return await TaskAsync(host, git, workspace, project, live, model.GetProperty("description").GetString()!, cancellationToken);
        }
        catch
        {
            await CleanUpAsync(host);
            throw;
        }
    }

    private async Task CreateAsync(ServiceHost host, GitServer git, CancellationToken cancellationToken)
    {
        screen.Chapter($"1  Creating customer {Customer}");
        var url = $"http://{ServiceOptions.GitHostName}:{git.Port}/{Workspace.RepositoryName}";
        var body = new
        {
            id = Customer,
            config = new { repoUrl = url, testCommand = SampleProject.TestCommand },
            git = new { credentials = new[] { new { url, username = GitServer.UserName, password = git.Token } } },
        };
        await foreach (var e in host.Api.CreateCustomerAsync(body, cancellationToken))
        {
            screen.Show(e);
            if (e.Type == "customer.failed")
                throw new ToolException($"The customer could not be created: {e.Data}");
            if (e.Type == "customer.ready")
            {
                AddTimings(e.Data);
                screen.Good($"{Customer} is ready");
            }
        }

        host.Traces.Observe();
    }

    private async Task<DemoSummary> TaskAsync(
        ServiceHost host, GitServer git, Workspace workspace, SampleProject project, bool live, string model, CancellationToken cancellationToken)
    {
        screen.Chapter("2  Running the task");
        screen.Say(SampleProject.Instruction);
        var driver = new RunDriver(host, Customer, new TwoCrashes(), screen.Show) { OnBlow = Announce };
        var (run, end) = await driver.RunAsync("task", new { instruction = SampleProject.Instruction }, cancellationToken);
        if (end.Type == "run.failed")
            throw new ToolException($"The run failed: {end.Text("error")}");

        var outcome = end.Data.GetProperty("result").Deserialize<TaskOutcome>(JsonSerializerOptions.Web)!;
        screen.Good($"{outcome.Branch} pushed after {outcome.Attempts} attempts: {outcome.Summary}");

        screen.Chapter("5  Proof");
        var repository = new RepositoryCheck(workspace.BareRepository);
        var commits = await CheckRepositoryAsync(repository, outcome, live ? null : project, cancellationToken);
        await CheckTestsAsync(host, outcome.Branch, cancellationToken);
        var steps = (await host.Api.GetStepsAsync(Customer, run, cancellationToken)).Select(Describe).ToList();
        var twice = ExecLog.RunTwice(host.ReadExecLog(Customer));
        Check(twice.Count == 0, "no finished step ran twice (the guest's own record)", $"ran twice: {string.Join(", ", twice)}");
        var calls = CallLedger.Read(workspace.Ledger);
        var paidTwice = PaidTwice.Count(calls);
        Check(paidTwice == 0, "no model call was paid twice (the provider's ledger)", $"{paidTwice} model calls were paid twice");
        var reattached = steps.Count(step => step.How.StartsWith("re-attached", StringComparison.Ordinal));
        Check(reattached > 0, "the running test command was re-attached, not restarted", "no running command was re-attached");
        var replayed = steps.Count(step => step.Replays > 0);
        Check(replayed > 0, $"{replayed} finished steps came back from the journal", "no finished step came back from the journal");
        Check(host.Kills == 2, "the service was killed twice, the sandbox once", $"{host.Kills} kills instead of 2");
        screen.Say($"git host: requests {git.Requests}, refused for want of the token {git.Refused}, pushes {git.Pushes}");
        AddTimings((await host.Api.GetAsync($"v1/cells/{Customer}", cancellationToken)).GetProperty("cell"));
        screen.Show(steps);
        screen.Say($"cell: {string.Join(", ", _figures.Select(figure => $"{figure.Key} {figure.Value:0.0} ms"))}");

        screen.Chapter("6  Deleting the customer");
        await host.Api.DeleteCustomerAsync(Customer, cancellationToken);
        await host.StopAsync();
        var orphans = host.Traces.Find();
        Check(orphans.Count == 0, "nothing is left: no process, mount, loop device, socket, cgroup", string.Join('\n', orphans));

        return new()
        {
            Problems = _problems,
            Model = model,
            Project = $"{SampleProject.Package} {project.Version}",
            Kills = host.Kills,
            ReattachedSteps = reattached,
            ReplayedSteps = replayed,
            StepsRunTwice = twice.Count,
            ModelCalls = calls.Count(call => call.Outcome == CallOutcome.Paid),
            ModelCallsPaidTwice = paidTwice,
            PushedCommits = commits,
            Orphans = orphans.Count,
            Seconds = Math.Round(screen.Elapsed.TotalSeconds, 1),
            Cell = _figures,
            Steps = steps,
        };
    }

    private async Task<int> CheckRepositoryAsync(
        RepositoryCheck repository, TaskOutcome outcome, SampleProject? recordedFor, CancellationToken cancellationToken)
    {
        var commits = await repository.CountCommitsAsync(outcome.Branch, cancellationToken);
        Check(commits == 1, "exactly one commit on the branch in the bare repository", $"{commits} commits on {outcome.Branch}");
        var branches = await repository.BranchesAsync(cancellationToken);
        Check(branches.Count == 2, "no other branch was pushed", $"branches: {string.Join(", ", branches)}");
        if (commits == 0)
            return commits;

        var changed = await repository.ChangedFilesAsync(outcome.Branch, cancellationToken);
        var diff = await repository.DescribeDiffAsync(outcome.Branch, cancellationToken);
        if (recordedFor is null)
        {
            Check(changed.Order().SequenceEqual(outcome.Files.Order()), $"the diff is what the agent reported: {diff}", $"the diff differs: {diff}");
            return commits;
        }

        var transcript = Transcript.Load(Path.Combine(AppContext.BaseDirectory, "Transcripts", "sortedcontainers-pop-range.json"));
        var expected = await ExpectedChange.FromAsync(transcript, recordedFor.Folder, cancellationToken);
        var wrong = changed.Except(expected.Keys).Concat(expected.Keys.Except(changed)).ToList();
        foreach (var (path, text) in expected)
        {
            if (changed.Contains(path) && await repository.ReadAsync(outcome.Branch, path, cancellationToken) != text)
                wrong.Add(path);
        }

        Check(wrong.Count == 0, $"the diff is the expected one, to the byte: {diff}", $"these files differ from what is expected: {string.Join(", ", wrong)}");
        return commits;
    }

    private async Task CheckTestsAsync(ServiceHost host, string branch, CancellationToken cancellationToken)
    {
        var result = await host.Api.CallAsync("verify", Customer, new { branch }, cancellationToken);
        var verified = result.Deserialize<VerifyOutcome>(JsonSerializerOptions.Web)!;
        var closing = verified.Closing.Trim('=', ' ');
        Check(verified.Passed, $"the project's tests pass on a fresh clone of it: {closing}", $"the project's tests fail on a fresh clone of it: {closing}");
    }

    private void AddTimings(JsonElement cell)
    {
        foreach (var timing in cell.GetProperty("timings").EnumerateObject())
            _figures[timing.Name] = timing.Value.GetDouble();
    }

    private static async Task DeleteCustomersAsync(ServiceHost host, CancellationToken cancellationToken)
    {
        foreach (var customer in await host.Api.ListCustomersAsync(cancellationToken))
            await host.Api.DeleteCustomerAsync(customer, cancellationToken);
    }

    /// <summary>Leaves nothing behind after a failure or Ctrl-C. What stands in its way must not hide the reason.</summary>
    private async Task CleanUpAsync(ServiceHost host)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        screen.Say("cutting the demo short: deleting the customer");
        try
        {
            await host.EnsureStartedAsync(patience.Token);
            await DeleteCustomersAsync(host, patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or ServiceException or ToolException or OperationCanceledException)
        {
            screen.Bad($"the customer could not be deleted; the next run does it: {e.Message}");
        }
    }

    private void Announce(Blow blow, bool over)
    {
        if (over)
        {
            screen.Say("service: started again; the run goes on by itself");
            return;
        }

        screen.Chapter(blow.WithSandbox ? "4  Killing the service and the sandbox, as a reboot would" : "3  Killing the service");
        screen.Strike($"SIGKILL while {blow.Moment}");
    }

    private void Check(bool holds, string good, string bad)
    {
        if (holds)
        {
            screen.Good(good);
            return;
        }

        screen.Bad(bad);
        _problems.Add(bad);
    }

    private static StepRow Describe(RunStep step)
    {
        var how = step.Reattached ? "re-attached" : step.Attempts > 1 ? $"executed, attempt {step.Attempts}" : "executed";
        return new(
            step.Position, step.Kind, step.Name, step.Replays > 0 ? $"{how}; replayed" : how, step.Attempts, step.Replays, step.Milliseconds ?? 0);
    }
}
