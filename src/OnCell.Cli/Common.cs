using System.CommandLine;
using System.Globalization;
using OnCell.Cli.Login;
using OnCell.Client;

namespace OnCell.Cli;

/// <summary>The options that every command has, and the client that they make.</summary>
internal static class Common
{
    private static readonly Option<bool> Json = new("--json") { Description = "Answer in JSON, for programs.", Recursive = true };
    private static readonly Option<string?> Url = new("--url") { Description = "The service's API, such as https://cells.example.com/v1. Default: ONCELL_URL, then what \"oncell login\" kept.", Recursive = true };

    public static void AddTo(RootCommand root)
    {
        root.Add(Json);
        root.Add(Url);
    }

    /// <summary>An option that is not text, with an error in the user's words where the text is not of its kind.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="otherwise">Its value where it is not given.</param>
    /// <param name="wanted">What it must be, after "is not".</param>
    /// <param name="read">Reads it; <see langword="null"/> where it is not of the kind.</param>
    public static Option<T> Typed<T>(string name, string description, T otherwise, string wanted, Func<string, T?> read)
        where T : struct => new(name)
        {
            Description = description,
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
            {
                if (result.Tokens is [{ Value: var text }] && read(text) is { } value) return value;
                result.AddError($"{name} \"{string.Join(' ', result.Tokens)}\" is not {wanted}.");
                return otherwise;
            },
        };

    /// <summary>A moment, in the local time where no zone is given.</summary>
    public static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result =>
        {
            if (result.Tokens is [{ Value: var text }] && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)) return time;
            result.AddError($"{name} \"{string.Join(' ', result.Tokens)}\" is not a time such as 2026-11-25 or 2026-11-25T12:00:00Z.");
            return null;
        },
    };

    public static Option<string> Customer() => new("--customer", "-c") { Description = "The customer.", Required = true };

    public static Argument<string> CustomerArgument() => new("customer") { Description = "The customer's id." };

    public static Argument<string> RunArgument() => new("run") { Description = "The run's id." };

    public static bool IsJson(this ParseResult parsed) => parsed.GetValue(Json);

    public static string? GivenUrl(this ParseResult parsed) => parsed.GetValue(Url);

    /// <exception cref="UsageException">Nobody is logged in.</exception>
    public static OnCellClient Client(this ParseResult parsed)
    {
        var kept = Credentials.Read();
        var url = parsed.GetValue(Url) ?? Environment.GetEnvironmentVariable("ONCELL_URL") ?? kept?.Url;

        // A key that was kept for one service is never sent to another.
        var key = Environment.GetEnvironmentVariable("ONCELL_KEY") ?? (kept?.Url == url ? kept?.Key : null);
        if (url is null)
            throw new UsageException("not logged in. Log in with: oncell login --url https://HOST/v1 (or set ONCELL_URL and ONCELL_KEY)", ExitCodes.NotLoggedIn);
        return Connect(url, key);
    }

    public static OnCellClient Connect(string url, string? key)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address)) throw new UsageException($"\"{url}\" is no address; it looks like https://cells.example.com/v1.");
        try
        {
            return OnCellClient.Create(new OnCellClientOptions { Address = address, ApiKey = key });
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
