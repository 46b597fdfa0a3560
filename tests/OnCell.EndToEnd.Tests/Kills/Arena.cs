using System.Text.Json;
using CodingSample;
using CodingSample.Models;
using OnCell.Demo;
using OnCell.Demo.Checks;
using OnCell.Demo.GitHost;
using OnCell.Demo.Project;
using OnCell.Demo.Service;

namespace OnCell.EndToEnd.Tests.Kills;

/// <summary>A service with one customer on a real git host, for many rounds of the same task.</summary>
internal sealed class Arena : IAsyncDisposable
{
    private const string Customer = "acme-corp";
    private readonly Workspace _workspace;
    private GitServer? _git;
    private ServiceHost? _host;

    private Arena(Workspace workspace)
    {
        _workspace = workspace;
        Repository = new(workspace.BareRepository);
    }

    /// <summary>Gets the folder of all that is kept between two runs of the tests.</summary>
    public static string Home { get; } = Path.GetFullPath(Path.Combine(DemoOptions.DefaultHome(), "..", "end-to-end"));

    public ServiceHost Host => _host!;

    public RepositoryCheck Repository { get; }

    public IReadOnlyList<CallRecord> ModelCalls => CallLedger.Read(_workspace.Ledger);

    public static async Task<Arena> OpenAsync(CancellationToken cancellationToken)
    {
        var arena = new Arena(new Workspace(Home));
        try
        {
            await arena.StartAsync(cancellationToken);
            return arena;
        }
        catch
        {
            await arena.DisposeAsync();
            throw;
        }
    }

    public Task<string> StartTaskAsync(CancellationToken cancellationToken) =>
        Host.Api.StartAsync("task", Customer, new { instruction = SampleProject.Instruction }, cancellationToken);

    /// <summary>Waits for the end of a run.</summary>
    public async Task<TaskOutcome> WaitAsync(string run, CancellationToken cancellationToken)
    {
        await foreach (var e in Host.Api.FollowAsync(Customer, run, null, cancellationToken))
        {
            if (e.Type == "run.failed")
                Assert.Fail($"Run {run} failed: {e.Data}");
            if (e.Type == "run.completed")
                return e.Data.GetProperty("result").Deserialize<TaskOutcome>(JsonSerializerOptions.Web)!;
        }

        throw new ToolException($"The events of run {run} ended before it did.");
    }

    public Task StrikeAsync(bool withSandbox) => Host.StrikeAsync(withSandbox ? Customer : null);

    /// <summary>Wakes the cell, whose volume is on the host only while it runs: a sandbox killed between two runs stays down.</summary>
    public Task WakeAsync(CancellationToken cancellationToken) => Host.Api.ResumeCustomerAsync(Customer, cancellationToken);

    public IReadOnlyList<string> CommandsRunTwice() => ExecLog.RunTwice(Host.ReadExecLog(Customer));

    /// <summary>Deletes the customer, ends the service, and lists what is left of it on the host.</summary>
    public async Task<IReadOnlyList<string>> CloseAsync(CancellationToken cancellationToken)
    {
        Host.Traces.Observe();
        await Host.Api.DeleteCustomerAsync(Customer, cancellationToken);
        await Host.StopAsync();
        return Host.Traces.Find();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        if (_git is not null) await _git.DisposeAsync();
        _workspace.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var project = await SampleProject.PrepareAsync(Home, cancellationToken);
        await project.PublishAsync(_workspace.BareRepository, cancellationToken);
        _git = await GitServer.StartAsync(_workspace.Repositories, cancellationToken);
        _host = new(_workspace.ServiceOptions(_git.Port, SampleProject.CellPackages));
        await Host.StartAsync(cancellationToken);
        foreach (var left in await Host.Api.ListCustomersAsync(cancellationToken))
            await Host.Api.DeleteCustomerAsync(left, cancellationToken);
        await CreateCustomerAsync(cancellationToken);
    }

    private async Task CreateCustomerAsync(CancellationToken cancellationToken)
    {
        var url = $"http://{ServiceOptions.GitHostName}:{_git!.Port}/{Workspace.RepositoryName}";
        var customer = new
        {
            id = Customer,
            config = new { repoUrl = url, testCommand = SampleProject.QuickTestCommand },
            git = new { credentials = new[] { new { url, username = GitServer.UserName, password = _git.Token } } },
        };
        await foreach (var e in Host.Api.CreateCustomerAsync(customer, cancellationToken))
        {
            if (e.Type == "customer.failed")
                Assert.Fail($"The customer could not be created: {e.Data}");
        }
    }
}
