using System.Diagnostics;
using System.Text.Json.Nodes;

namespace OnCell.Cli.Tests;

/// <summary>The command as people and programs call it: a process with arguments, streams and an exit code.</summary>
public sealed class Oncell(Service service) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly string _home = Directory.CreateTempSubdirectory("oncell-cli-").FullName;

    public string CredentialsFile => Path.Combine(_home, "oncell", "credentials.json");

    /// <summary>Gets or sets the key it is given by its environment; none where it has to log in.</summary>
    public string? Key { get; init; } = Service.AdministratorKey;

    public sealed record Outcome(int Code, string Output, string Errors);

    /// <summary>Runs it with nothing on its standard input.</summary>
    public Task<Outcome> RunAsync(params string[] arguments) => FeedAsync("", arguments);

    public Task<Outcome> FeedAsync(string input, params string[] arguments) => StartAsync(Path.Combine(AppContext.BaseDirectory, "oncell"), arguments, input);

    /// <summary>Runs it and expects that it is done.</summary>
    public async Task<string> DoneAsync(params string[] arguments)
    {
        var outcome = await RunAsync(arguments);
        Assert.True(outcome.Code == 0, $"oncell {string.Join(' ', arguments)} ended with {outcome.Code}: {outcome.Errors}{outcome.Output}");
        return outcome.Output;
    }

    public async Task<JsonNode> JsonAsync(params string[] arguments) => JsonNode.Parse(await DoneAsync([.. arguments, "--json"]))!;

    /// <summary>Runs it in a terminal in which a person types.</summary>
    public Task<Outcome> TypeAsync(string typed, params string[] arguments) =>
        StartAsync("script", ["-qec", $"{Path.Combine(AppContext.BaseDirectory, "oncell")} {string.Join(' ', arguments)}", "/dev/null"], typed);

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private async Task<Outcome> StartAsync(string program, string[] arguments, string input)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XDG_CONFIG_HOME"] = _home;
        start.Environment["TERM"] = "xterm";
        start.Environment.Remove("ONCELL_URL");
        start.Environment.Remove("ONCELL_KEY");
        if (Key is not null)
        {
            start.Environment["ONCELL_URL"] = service.Url;
            start.Environment["ONCELL_KEY"] = Key;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end: {await output}{await errors}");
        }

        return new Outcome(process.ExitCode, await output, await errors);
    }
}
