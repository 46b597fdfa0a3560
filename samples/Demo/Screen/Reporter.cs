using System.Diagnostics;
using System.Globalization;
using OnCell.Demo.Service;
using Spectre.Console;

namespace OnCell.Demo.Screen;

/// <summary>Tells people what happens, one line at a time: coloured in a terminal, plain elsewhere.</summary>
public sealed class Reporter(IAnsiConsole console)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Gets the time since the start.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Begins a chapter.</summary>
    public void Chapter(string title)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold aqua]{title}[/]");
    }

    /// <summary>Says one thing.</summary>
    public void Say(string text) => Line("grey", "·", text);

    /// <summary>Says that something is well.</summary>
    public void Good(string text) => Line("green", "✓", text);

    /// <summary>Says that something is not.</summary>
    public void Bad(string text) => Line("red", "✗", text);

    /// <summary>Announces a blow.</summary>
    public void Strike(string text) => Line("bold yellow", "⚡", text);

    /// <summary>Shows an event of the service.</summary>
    public void Show(ServiceEvent e)
    {
        switch (e.Type)
        {
            case "customer.progress":
                var total = e.Text("total");
                Line("grey", "·", $"{e.Text("phase"),-8} {e.Text("message")}{(total is "" or "0" ? "" : $" ({e.Text("done")} of {total})")}");
                break;
            case "step.started":
                Line("blue", "▸", $"{e.Text("kind"),-6} {StepName.Shorten(e.Text("name"))}");
                break;
            case "step.replayed":
                Line("grey", "↺", $"{e.Text("kind"),-6} {StepName.Shorten(e.Text("name"))} (from the journal)");
                break;
            case "step.ended" when e.Text("reattached") is "True" or "true":
                Line("green", "⇄", $"{e.Text("kind"),-6} {StepName.Shorten(e.Text("name"))} (re-attached)");
                break;
            case "step.output":
                foreach (var line in e.Text("text").Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    console.MarkupLineInterpolated($"         [grey46]│ {line.TrimEnd()}[/]");
                break;
        }
    }

    /// <summary>Shows the steps.</summary>
    public void Show(IEnumerable<StepRow> steps)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("#", "kind", "step", "how")
            .AddColumn(new TableColumn("ms").RightAligned());
        foreach (var step in steps)
        {
            var colour = step.How.StartsWith("re-attached", StringComparison.Ordinal) ? "green"
                : step.How.StartsWith("replayed", StringComparison.Ordinal) ? "aqua" : "default";
            table.AddRow(
                step.Position, step.Kind, Markup.Escape(StepName.Shorten(step.Name)), $"[{colour}]{Markup.Escape(step.How)}[/]",
                step.Milliseconds.ToString("N0", CultureInfo.InvariantCulture));
        }

        console.Write(table);
    }

    private void Line(string colour, string mark, string text) =>
        console.MarkupLine($"[grey46]{_clock.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture),6}[/] [{colour}]{mark}[/] {Markup.Escape(text)}");
}
