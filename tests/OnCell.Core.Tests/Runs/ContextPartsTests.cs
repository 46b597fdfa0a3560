using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Runs;

/// <summary>Uploads, background processes, ports and snapshots of the context, in a real cell.</summary>
public sealed class ContextPartsTests : IAsyncLifetime
{
    private const string Name = "files.acme.test";

    private WebApplication _files = null!;
    private TestHost _host = null!;
    private int _asked;
    private int _cut;
    private readonly TaskCompletionSource _hungUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private int Port => new Uri(_files.Urls.Single()).Port;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _files = builder.Build();
        _files.MapGet("/big", () => Results.Bytes(new byte[300_000]));
        _files.MapGet("/flaky", () => ++_asked < 3 ? Results.StatusCode(503) : Results.Text("at last"));
        _files.MapGet("/none", () => Results.NotFound());
        _files.MapGet("/chatty", TalkAsync);
        _files.MapGet("/cut", CutAsync);
        await _files.StartAsync();
        PartsAgent.Allow = [$"{Name}:{Port}", $"127.0.0.1/32:{Port}"];
        _host = await TestHost.StartAsync<PartsAgent>(o => o.Hosts[Name] = "127.0.0.1");
        await _host.CreateAsync("acme");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _files.DisposeAsync();
    }

    [Fact]
    public async Task Files_of_the_host_and_of_the_network_come_in_whole_or_not_at_all()
    {
        var file = Path.Combine(_host.DataRoot, "notes.txt");
        await File.WriteAllTextAsync(file, "of the host", Ct);
        var sha = Convert.ToHexStringLower(SHA256.HashData("of the host"u8));
        Assert.Equal($"11 {sha} of the host", await RunAsync("file", new() { ["path"] = "deep/er/notes.txt", ["from"] = file, ["sha256"] = sha }));
        Assert.Equal("of the host", await RunAsync("read", new() { ["path"] = "deep/er/notes.txt" }));
        Assert.Contains("has the SHA-256", await FailAsync("file", new() { ["path"] = "x", ["from"] = file, ["sha256"] = new string('0', 64) }));
        Assert.Contains("larger than 5 bytes", await FailAsync("file", new() { ["path"] = "x", ["from"] = file, ["maxBytes"] = 5 }));
        Assert.Contains("none.txt", await FailAsync("file", new() { ["path"] = "x", ["from"] = file + "none.txt" }));

        Assert.StartsWith("300000 ", await RunAsync("fetch", new() { ["path"] = "big", ["from"] = $"http://{Name}:{Port}/big" }));
        Assert.StartsWith("7 ", await RunAsync("fetch", new() { ["path"] = "flaky", ["from"] = $"http://{Name}:{Port}/flaky" }));
        Assert.Contains("404", await FailAsync("fetch", new() { ["path"] = "x", ["from"] = $"http://{Name}:{Port}/none" }));

        // What the cell may not reach, the host does not fetch for it.
        Assert.Contains("denied", await FailAsync("fetch", new() { ["path"] = "x", ["from"] = "http://elsewhere.test/x" }));
        Assert.Contains(await _host.Cells.ListEgressAsync("acme", Ct), e => e is { Host: "elsewhere.test", Allowed: false });
        Assert.Contains("no http or https address", await FailAsync("fetch", new() { ["path"] = "x", ["from"] = "file:///etc/passwd" }));
        Assert.Equal("big deep flaky", await RunAsync("list", []));
    }

    [Fact]
    public async Task A_refusal_without_end_is_not_read_into_memory_and_a_connection_that_breaks_is_made_again()
    {
        Assert.Contains("403: no no", await FailAsync("fetch", new() { ["path"] = "x", ["from"] = $"http://{Name}:{Port}/chatty" }));
        await _hungUp.Task.WaitAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.StartsWith("200000 ", await RunAsync("fetch", new() { ["path"] = "cut", ["from"] = $"http://{Name}:{Port}/cut" }));
    }

    [Fact]
    public async Task A_run_whose_cell_dies_while_its_server_is_asked_is_taken_up_again()
    {
        PartsAgent.Asked = 0;
        var started = await _host.Cells.StartRunAsync("acme", "ask", [], null, Ct);
        while (!(await _host.Cells.ListStepsAsync("acme", started.Id, Ct)).Any(s => s.Name == "wait 8124")) await Task.Delay(20, Ct);
        _host.KillSandbox("acme");
        var run = await _host.Cells.WaitRunAsync("acme", started.Id, Ct);
        Assert.Equal((RunState.Completed, 2), (run.State, PartsAgent.Asked));
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        Assert.Contains("Timeout", await FailAsync("silence", []), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("True", await RunAsync("silent", []));
    }

    [Fact]
    public async Task A_server_goes_on_in_the_background_and_later_runs_know_it_by_its_name()
    {
        Assert.Equal("started; listens; 200 text/html; ran; gone", await RunAsync("serve", []));
        Assert.Equal("1 True; 2 False", await RunAsync("twice", []));
        Assert.Equal("True", await RunAsync("runs", []));
        await _host.Cells.PauseAsync("acme", PauseTier.Stopped, Ct);
        Assert.Equal("False", await RunAsync("runs", []));
    }

    [Fact]
    public async Task A_copy_of_the_disk_is_made_in_the_middle_of_a_run()
    {
        Assert.Equal("before,before", await RunAsync("copy", []));
        Assert.Equal("before", Assert.Single(await _host.Cells.ListSnapshotsAsync("acme", Ct)).Name);
        await _host.Cells.RestoreSnapshotAsync("acme", "before", Ct);
        Assert.Equal("early", await RunAsync("list", []));
    }

    /// <summary>A refusal that goes on until nobody listens.</summary>
    private async Task TalkAsync(HttpResponse response)
    {
        response.StatusCode = 403;
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("no ", 20_000)));
        while (!response.HttpContext.RequestAborted.IsCancellationRequested)
        {
            await response.Body.WriteAsync(text);
        }

        _hungUp.TrySetResult();
    }

    /// <summary>The first answer ends in the middle.</summary>
    private async Task CutAsync(HttpContext context)
    {
        context.Response.ContentLength = 200_000;
        await context.Response.Body.WriteAsync(new byte[100_000]);
        await context.Response.Body.FlushAsync();
        if (_cut++ == 0) context.Abort();
        else await context.Response.Body.WriteAsync(new byte[100_000]);
    }

    private async Task<string> RunAsync(string method, JsonObject input)
    {
        var run = await EndAsync(method, input);
        Assert.True(run.State == RunState.Completed, $"{run.State}: {run.Error}");
        return JsonNode.Parse(run.ResultJson!)!.GetValue<string>();
    }

    private async Task<string> FailAsync(string method, JsonObject input)
    {
        var run = await EndAsync(method, input);
        Assert.Equal(RunState.Failed, run.State);
        return run.Error!.Message;
    }

    private async Task<RunInfo> EndAsync(string method, JsonObject input)
    {
        var started = await _host.Cells.StartRunAsync("acme", method, input, null, Ct);
        return await _host.Cells.WaitRunAsync("acme", started.Id, Ct);
    }
}

public sealed class PartsAgent : Agent
{
    public static IReadOnlyList<string> Allow { get; set; } = [];

    public static int Asked { get; set; }

    public override CellSpec Cell => new() { Compute = "1cpu-512mb", Storage = "200mb", Packages = ["git", "python3"], Network = new() { Allow = Allow } };

    public async Task<string> FileAsync(CellContext ctx, string path, string from, string? sha256 = null, long maxBytes = 1_000)
    {
        var report = await ctx.UploadAsync(path, new FileInfo(from), new() { Sha256 = sha256, MaxBytes = maxBytes });
        return $"{report.Bytes} {report.Sha256} {await ctx.Files.ReadTextAsync(path)}";
    }

    public async Task<string> FetchAsync(CellContext ctx, string path, Uri from)
    {
        var report = await ctx.UploadAsync(path, from);
        return $"{report.Bytes} {report.Sha256}";
    }

    public async Task<string> ReadAsync(CellContext ctx, string path) => await ctx.Files.ReadTextAsync(path) ?? "";

    public async Task<string> ListAsync(CellContext ctx) => (await ctx.ShellAsync("echo $(ls)")).Stdout.Trim();

    public async Task<string> ServeAsync(CellContext ctx)
    {
        var says = new StringBuilder(await ctx.Processes.StartAsync("web", $"python3 -m http.server {8123} --bind 127.0.0.1") ? "started" : "ran");
        says.Append(await ctx.Ports.WaitAsync(8123, TimeSpan.FromMinutes(1)) ? "; listens" : "; silent");
        var answer = await ctx.Ports.GetAsync(8123, "/");
        says.Append($"; {answer.Status} {answer.ContentType}");
        says.Append(await ctx.Processes.StopAsync("web") ? "; ran" : "; did not run");
        says.Append(await ctx.Ports.WaitAsync(8123, TimeSpan.FromMilliseconds(100)) ? "; still there" : "; gone");
        return says.ToString();
    }

    /// <summary>Asks a server that takes the connection and never answers.</summary>
    public async Task<string> AskAsync(CellContext ctx)
    {
        Asked++;
        await ctx.Processes.StartAsync("silent", $"python3 -c {"import socket,time; s=socket.socket(); s.bind(('127.0.0.1',8124)); s.listen(); time.sleep(1000)"}");
        await ctx.Ports.WaitAsync(8124, TimeSpan.FromMinutes(1));
        try
        {
            return (await ctx.Ports.GetAsync(8124, timeout: TimeSpan.FromMinutes(5))).Text;
        }
        catch (StepFailedException e)
        {
            return e.Message; // on the fresh sandbox nobody listens
        }
    }

    public async Task<string> SilenceAsync(CellContext ctx)
    {
        const string program = "import socket,time; s=socket.socket(); s.bind(('127.0.0.1',8125)); s.listen(); time.sleep(1000)";
        await ctx.Processes.StartAsync("silent", $"python3 -c {program}");
        await ctx.Ports.WaitAsync(8125, TimeSpan.FromMinutes(1));
        return (await ctx.Ports.GetAsync(8125, "/", TimeSpan.FromSeconds(1))).Text;
    }

    public async Task<string> SilentAsync(CellContext ctx) => (await ctx.Processes.IsRunningAsync("silent")).ToString();

    public async Task<string> TwiceAsync(CellContext ctx) =>
        $"1 {await ctx.Processes.StartAsync("sleeper", $"sleep {1000}")}; 2 {await ctx.Processes.StartAsync("sleeper", $"sleep {1000}")}";

    public async Task<string> RunsAsync(CellContext ctx) => (await ctx.Processes.IsRunningAsync("sleeper")).ToString();

    public async Task<string> CopyAsync(CellContext ctx)
    {
        await ctx.ShellAsync("touch early");
        var one = await ctx.Snapshots.CreateAsync("before");
        await ctx.ShellAsync("touch late");
        var same = await ctx.Snapshots.CreateAsync("before");
        return $"{one.Name},{same.Name}";
    }
}
