using System.CommandLine;
using OnCell.Cli.Login;
using OnCell.Cli.Output;
using Spectre.Console;

namespace OnCell.Cli.Commands;

internal static class LoginCommand
{
    public static Command Create()
    {
        var key = new Option<bool>("--key-stdin") { Description = "Read the API key from standard input instead of asking for it." };
        var noKey = new Option<bool>("--no-key") { Description = "The service needs no key: it trusts this machine." };
        var command = new Command("login", "Checks a service and a key for it, and keeps both.") { key, noKey };
        command.SetAction((parsed, ct) => RunAsync(parsed, parsed.GetValue(key), parsed.GetValue(noKey), ct));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, bool fromStdin, bool noKey, CancellationToken ct)
    {
        var url = parsed.GivenUrl() ?? Environment.GetEnvironmentVariable("ONCELL_URL")
            ?? throw new UsageException("say where the service is: oncell login --url https://HOST/v1");
        var key = noKey ? null : Environment.GetEnvironmentVariable("ONCELL_KEY") ?? (fromStdin ? await Console.In.ReadLineAsync(ct) : Ask())?.Trim();
        var caller = await Common.Connect(url, key).Service.WhoAmIAsync(ct);
        new Credentials(url, key).Write();
        if (parsed.IsJson()) Screen.Json(caller);
        else Screen.Say($"Logged in to {url} as {caller.Name ?? caller.Actor} ({string.Join(", ", caller.Areas)}), kept in {Credentials.FilePath}");
        return ExitCodes.Done;
    }

    private static string Ask() => Console.IsInputRedirected
        ? throw new UsageException("no terminal to ask for the key: use --key-stdin, or set ONCELL_KEY")
        : Screen.Errors.Prompt(new TextPrompt<string>("API key:").Secret());
}
