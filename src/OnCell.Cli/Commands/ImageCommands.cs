using System.CommandLine;
using System.Globalization;
using OnCell.Cli.Output;
using OnCell.Client;

namespace OnCell.Cli.Commands;

/// <summary>The base systems of cells.</summary>
internal static class ImageCommands
{
    /// <summary>How many users of an image are named in a table; the JSON has all.</summary>
    private const int ShownUsers = 3;

    private const int ShownPackages = 6;
    private const int DigestLength = 12;
    private const double MaxDays = 36_500;

    public static Command Create() => new("images", "The base systems of cells: list, build, prune. An administrator's right.") { List(), Build(), Prune() };

    private static Command List()
    {
        var command = new Command("list", "Lists the images: what each is made of, takes on the service's disk, and is used by.");
        command.SetAction(async (parsed, ct) =>
        {
            var images = await parsed.Client().Images.ListAsync(ct);
            if (parsed.IsJson())
            {
                Screen.Json(images);
                return ExitCodes.Done;
            }

            Show(images);
            if (images.Count == 0) Screen.Say("no images yet: the first cell of an agent has its image built, or \"oncell images build\" does");
            else Screen.Say($"{Number(images.Count, "image")}, {Screen.Bytes(images.Sum(i => i.Bytes))}; {Unused(images.Count(i => !IsUsed(i)))}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Build()
    {
        var agent = new Argument<string?>("agent") { Description = "The agent; all agents where none is named.", Arity = ArgumentArity.ZeroOrOne };
        var environment = new Option<string?>("--env", "-e") { Description = "The environment that the agent is deployed to; production where none is named." };
        var command = new Command("build", "Builds the images of an agent, or of all, so that the first cell need not wait. One that is there is not built again.") { agent, environment };
        command.SetAction(async (parsed, ct) =>
        {
            if (parsed.GetValue(agent) is null && parsed.GetValue(environment) is not null)
                throw new UsageException("--env goes with an agent: name one, or leave --env out to build the images of all agents.");
            var client = parsed.Client().Images;
            var built = await Watching.RunAsync(parsed.IsJson(), "building", progress => client.BuildAsync(parsed.GetValue(agent), parsed.GetValue(environment), progress, ct));
            if (parsed.IsJson()) Screen.Json(built);
            else Show(built);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Prune()
    {
        var dryRun = new Option<bool>("--dry-run", "-n") { Description = "Say only what would be removed." };
        var unusedFor = Common.Typed(
            "--unused-for", "Only images that nobody asked for in so many days. Say it where services share a folder of images: they see no more of each other.",
            0.0, $"a number of days from 0 to {MaxDays}",
            text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var days) && days is >= 0 and <= MaxDays ? days : null);
        unusedFor.HelpName = "days";
        var command = new Command("prune", "Removes the images that no agent, cell or local model uses. What is wanted again is built again.") { dryRun, unusedFor };
        command.SetAction(async (parsed, ct) =>
        {
            var pruning = await parsed.Client().Images.PruneAsync(parsed.GetValue(dryRun), TimeSpan.FromDays(parsed.GetValue(unusedFor)), ct);
            if (parsed.IsJson())
            {
                Screen.Json(pruning);
                return ExitCodes.Done;
            }

            if (pruning.Images.Count == 0)
            {
                Screen.Say("nothing to remove: every image is used, or was asked for lately");
                return ExitCodes.Done;
            }

            Show(pruning.Images);
            var what = $"{Number(pruning.Images.Count, "image")}, {Screen.Bytes(pruning.Bytes)}";
            Screen.Say(pruning.DryRun ? $"would remove {what}" : $"removed {what}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Show(IReadOnlyList<Image> images)
    {
        if (images.Count == 0) return;
        Screen.Table(["image", "made of", "size", "last used", "used by"], images.Select(i => (IReadOnlyList<string>)
        [
            Screen.Cell(i.Digest[..Math.Min(DigestLength, i.Digest.Length)]), Contents(i), Screen.Bytes(i.Bytes), Screen.Time(i.LastUsed), Users(i),
        ]));
    }

    private static string Contents(Image image) => image.Packages.Count > 0
        ? $"[grey]{Screen.Cell(image.Suite)}[/] {Screen.Cell(Some(image.Packages, ShownPackages))}"
        : Screen.Cell(image.Origin ?? image.Suite);

    private static string Users(Image image)
    {
        if (!IsUsed(image)) return "[grey]nobody[/]";
        string[] kinds =
        [
            Kind("agent", [.. image.Agents.Select(a => a.Environment is null ? a.Agent : $"{a.Agent} ({a.Environment})")]),
            Kind("cell", image.Cells), Kind("model", image.Models),
        ];
        return string.Join('\n', kinds.Where(k => k.Length > 0));
    }

    private static string Kind(string kind, IReadOnlyList<string> names) => names.Count == 0
        ? ""
        : $"[grey]{(names.Count == 1 ? kind : $"{names.Count} {kind}s")}[/] {Screen.Cell(Some(names, ShownUsers))}";

    private static string Some(IReadOnlyList<string> names, int shown) =>
        string.Join(", ", names.Take(shown)) + (names.Count > shown ? $" and {names.Count - shown} more" : "");

    private static bool IsUsed(Image image) => image.Agents.Count + image.Cells.Count + image.Models.Count > 0;

    private static string Unused(int count) => count == 0 ? "all are used" : $"{count} unused, which \"oncell images prune\" removes";

    private static string Number(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
