using System.Text.Json;
using CodingSample;
using MigrationSample;
using OnCell.Demo.Checks;
using OnCell.Demo.Service;
using OnCell.EndToEnd.Tests.Sample;
using ReviewSample;

namespace OnCell.EndToEnd.Tests.Kills;

/// <summary>
/// ReviewAgent and MigrationAgent as services of their own, on a real project, a real git host and a provider that counts: each
/// does its task undisturbed, and again struck down by SIGKILL on the way.
/// </summary>
public sealed class AgentsOnGitTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-samples-").FullName;
    private GitProject? _project;
    private Provider? _provider;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _project = await GitProject.PublishAsync(_folder, Ct);
        _provider = await Provider.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_provider is not null) await _provider.DisposeAsync();
        if (_project is not null) await _project.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ReviewAgent_finds_the_same_and_pays_once()
    {
        _provider!.Script.When($"# The change of {GitProject.HostileFile}").AnswerWith(new FileReview(
            [new(GitProject.HostileFile, 2, ReviewSample.Severity.Error, "Returns the wrong end."), new("setup.py", 1, ReviewSample.Severity.Note, "not in the diff")]));
        await _project!.OpenPullRequestsAsync(2, Ct);
        await using var service = Service("ReviewAgent");
        await service.StartAsync(_project.Customer(SampleService.Customer, "ReviewAgent"), Ct);

        var (calm, expected, _) = await service.RunAsync("review", new { pullRequest = 1 }, Ct);
        Assert.Single(_provider.Asked(calm));

        // The other pull request is of the same commit: all of it is done again, and nothing may come out otherwise.
        _provider.CutOff(1);
        var (run, result, calls) = await service.RunAsync(
            "review", new { pullRequest = 2 }, Ct,
            Blows.Answer(), Blows.Command("refs/notes/oncell-review", withSandbox: true));
        Assert.Equal(2, service.Kills);
        Assert.Equal(SampleService.Without(expected, "pullRequest"), SampleService.Without(result, "pullRequest"));
        AssertPaidOnce(run, calls, cutOff: 1);
        Assert.Equal(2, _provider.Script.Requests.Count);

        var outcome = JsonSerializer.Deserialize<ReviewOutcome>(result, OnCellJson.Options)!;
        Assert.Equal((1, 1), (outcome.Files, outcome.Findings.Count));
        var note = await _project.GitAsync(Ct, "notes", "--ref=refs/notes/oncell-review", "show", outcome.Commit);
        Assert.Contains($"error {GitProject.HostileFile}:2 Returns the wrong end.", note, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(service.Cells, SampleService.Customer, "volume", "work", "hacked")));
        Assert.Empty(await service.CloseAsync(Ct));
    }

    [Fact]
    public async Task MigrationAgent_delivers_the_same_and_pays_once()
    {
        const string test = "import sortedcontainers\n\n\ndef test_names():\n    assert set(sortedcontainers.__all__) >= {NAMES}\n";
        _provider!.Script.When("Cut the migration into parts").AnswerWith(
            new MigrationPlan("Check the exported names", [new("Test the names", ["tests/test_names.py"]), new("Say so", ["NAMES.rst"])]));
        _provider.Script.When("# This part\nTest the names").AnswerWith(
            new ChangeSet("A test", [new("tests/test_names.py", Content: test.Replace("NAMES", "'SortedTuple'", StringComparison.Ordinal))]));
        _provider.Script.When("# This part\nTest the names", "# What went wrong", "SortedTuple").AnswerWith(
            new ChangeSet("The right names", [new("tests/test_names.py", "'SortedTuple'", "'SortedList', 'SortedDict', 'SortedSet'")]));
        _provider.Script.When("# This part\nSay so").AnswerWith(new ChangeSet("A note", [new("NAMES.rst", Content: "The exported names are tested.\n")]));
        await using var service = Service("MigrationAgent");
        await service.StartAsync(_project!.Customer(SampleService.Customer, "MigrationAgent"), Ct);

        var input = new { goal = "Check the names", budget = 10 };
        var (calm, expected, _) = await service.RunAsync("migrate", input, Ct);
        Assert.Equal(4, _provider.Asked(calm).Count);
        var outcome = JsonSerializer.Deserialize<MigrationOutcome>(expected, OnCellJson.Options)!;
        Assert.Equal((1, 4, 2), (outcome.Repairs, outcome.Calls, outcome.Commits.Count));
        var tree = await TreeAsync(outcome.Branch);
        var repository = new RepositoryCheck(_project.Bare);
        await repository.DeleteBranchAsync(outcome.Branch, Ct);

        _provider.CutOff(3);
        var (run, result, calls) = await service.RunAsync(
            "migrate", input, Ct, Blows.Command("pytest", withSandbox: true), Blows.Answer(), Blows.Command("git push"));
        Assert.Equal(3, service.Kills);
        Assert.Equal(SampleService.Without(expected, "commits"), SampleService.Without(result, "commits"));
        AssertPaidOnce(run, calls, cutOff: 1);
        Assert.Equal(8, _provider.Script.Requests.Count);
        Assert.Equal(tree, await TreeAsync(outcome.Branch));
        Assert.Equal(2, await repository.CountCommitsAsync(outcome.Branch, Ct));
        Assert.Empty(await service.CloseAsync(Ct));
    }

    /// <summary>The provider was asked once for each call that the journal has, and once more for each that was cut off, under its key.</summary>
    private void AssertPaidOnce(string run, IReadOnlyList<RunStep> calls, int cutOff)
    {
        var asked = _provider!.Asked(run);
        Assert.Equal(calls.Count, asked.Distinct().Count());
        Assert.Equal(calls.Count + cutOff, asked.Count);
        Assert.All(calls, call => Assert.Equal("Completed", call.State, ignoreCase: true));
    }

    private async Task<string> TreeAsync(string branch) => (await _project!.GitAsync(Ct, "rev-parse", branch + "^{tree}")).Trim();

    private SampleService Service(string program) => new(Path.Combine(_folder, program), _project!.Options with
    {
        Program = program,
        Settings = new Dictionary<string, string>(_provider!.Settings) { ["CodingAgent:Compute"] = "1cpu-1gb" },
    });
}
