using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace OnCell.Cli.Output;

/// <summary>Tables for people on standard output, JSON for programs; remarks and errors on standard error.</summary>
internal static class Screen
{
    private static readonly JsonSerializerOptions Indented = Options(indented: true);
    private static readonly JsonSerializerOptions OneLine = Options(indented: false);

    /// <summary>A pipe has no width: what goes into one is not broken into lines.</summary>
    private const int PipeWidth = 1000;

    public static IAnsiConsole Errors { get; } = Wide(
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }), Console.IsErrorRedirected);

    public static void Json<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Indented));

    public static void JsonLine<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, OneLine));

    public static void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Minimal);
        foreach (var column in columns) table.AddColumn(new TableColumn($"[grey]{Markup.Escape(column)}[/]"));
        foreach (var row in rows) table.AddRow([.. row]);
        Wide(AnsiConsole.Console, Console.IsOutputRedirected).Write(table);
    }

    public static void Say(string text) => Console.Error.WriteLine(Plain.Text(text));

    /// <summary>A text as a cell of a table.</summary>
    public static string Cell(string? text) => Markup.Escape(Plain.Text(text ?? "").ReplaceLineEndings(" "));

    public static string State<T>(T state)
        where T : struct, Enum
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(state.ToString());
        var colour = name switch
        {
            "active" or "completed" => "green",
            "failed" or "diverged" => "red",
            "needsDecision" => "yellow",
            "paused" or "cancelled" => "grey",
            _ => "blue",
        };
        return $"[{colour}]{name}[/]";
    }

    public static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A size on a disk, in decimal units as disks are sold.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000_000 => FormattableString.Invariant($"{bytes / 1e3:0} kB"),
        < 1_000_000_000 => FormattableString.Invariant($"{bytes / 1e6:0.0} MB"),
        _ => FormattableString.Invariant($"{bytes / 1e9:0.00} GB"),
    };

    public static string Duration(double? milliseconds) => milliseconds switch
    {
        null => "",
        < 1000 => FormattableString.Invariant($"{milliseconds:0} ms"),
        < 60_000 => FormattableString.Invariant($"{milliseconds / 1000:0.0} s"),
        _ => FormattableString.Invariant($"{milliseconds / 60_000:0.0} min"),
    };

    private static JsonSerializerOptions Options(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static IAnsiConsole Wide(IAnsiConsole console, bool redirected)
    {
        if (redirected) console.Profile.Width = PipeWidth;
        return console;
    }
}
