using System.Diagnostics;
using System.Globalization;
using OnCell.Demo.Service;
using Spectre.Console;

namespace OnCell.Demo.Screen;

/// <summary>Tells people what happens, one line at a time: coloured in a terminal, plain elsewhere.</summary>
public sealed class Reporter(IAnsiConsole console)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly OutputLines _output = new();
    private int _replayed;
    private string _phase = "";
    private TimeSpan _lastProgress;

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
    public void Strike(string text)
    {
        _output.Clear(); // a command that is re-attached tells its output again from the start
        Line("bold yellow", "⚡", text);
    }

    /// <summary>Shows an event of the service.</summary>
    public void Show(ServiceEvent e)
    {
        var step = $"{e.Text("kind"),-6} {StepName.Shorten(e.Text("name"))}";
        if (e.Type == "step.replayed")
            _replayed++;
        else if (e.Type.StartsWith("step.", StringComparison.Ordinal) && _replayed > 0)
            ShowReplayed();

        switch (e.Type)
        {
            case "customer.progress" when IsDue(e.Text("phase")):
                var total = e.Text("total");
                Line("grey", "·", $"{e.Text("phase"),-8} {e.Text("message")}{(total is "" or "0" ? "" : $" ({e.Text("done")} of {total})")}");
                break;
            case "step.started":
                Line("blue", "▸", step);
                break;
            case "step.output":
                _output.Write(e.Text("position"), e.Text("text"), ShowOutput);
                break;
            case "step.ended":
                _output.End(e.Text("position"), ShowOutput);
                if (e.Text("reattached") is "True" or "true")
                    Line("green", "⇄", $"{step} (re-attached)");
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

    /// <summary>Thins out long progress, such as the thousand lines of an image's making: one a second, and the first of each phase.</summary>
    private bool IsDue(string phase)
    {
        if (phase != "image" || _phase != phase || _clock.Elapsed - _lastProgress >= TimeSpan.FromSeconds(1))
        {
            (_phase, _lastProgress) = (phase, _clock.Elapsed);
            return true;
        }

        return false;
    }

    private void ShowReplayed()
    {
        Line("aqua", "↺", $"{_replayed} finished steps came back from the journal");
        _replayed = 0;
    }

    private void ShowOutput(string line) => console.MarkupLineInterpolated($"         [grey46]│ {line}[/]");

    private void Line(string colour, string mark, string text) =>
        console.MarkupLine($"[grey46]{_clock.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture),6}[/] [{colour}]{mark}[/] {Markup.Escape(text)}");
}
