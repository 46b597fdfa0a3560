using OnCell.Client;
using Spectre.Console;

namespace OnCell.Cli.Output;

/// <summary>A run's events as they come: output as it is, everything else as a line of its own on standard error.</summary>
internal sealed class RunPrinter(bool json)
{
    private bool _lineOpen;
    private bool _begun;

    public void Print(RunEvent e)
    {
        if (json)
        {
            Screen.JsonLine(new { id = e.Id, type = e.Type, data = e.Data });
            return;
        }

        if (e.Type == "step.output")
        {
            var text = Plain.Text(e.Text("text") ?? "");
            if (text.Length == 0) return;
            (e.Text("stream") == "stderr" ? Console.Error : Console.Out).Write(text);
            _lineOpen = !text.EndsWith('\n');
            return;
        }

        // The first taking up of a run is its start, which has been said.
        var first = !_begun && e.Type == "run.resumed";
        _begun |= e.Type is "run.resumed" or "step.started";
        if (first || Line(e) is not { } line) return;
        if (_lineOpen) Console.Out.WriteLine();
        _lineOpen = false;
        Screen.Errors.MarkupLine(line);
    }

    private static string? Line(RunEvent e)
    {
        var step = $"{Screen.Cell(e.Text("position")),-5} {Screen.Cell(e.Text("kind")),-7} {Screen.Cell(e.Text("name"))}";
        var error = Screen.Cell(e.Data["error"]?["message"]?.ToString() ?? e.Data["error"]?.ToString());
        return e.Type switch
        {
            "step.started" => $"[blue]▸[/] {step}",
            "step.ended" when e.Text("state") == "failed" => $"[red]✗[/] {step} {error}",
            "step.ended" => $"[green]✓[/] {step}{(e.Data["reattached"]?.ToString() == "true" ? " [yellow]re-attached[/]" : "")} [grey]{Took(e)}[/]",
            "step.replayed" => $"[grey]↺ {step} from the journal[/]",
            "step.retrying" => $"[yellow]↻[/] {step} {error}",
            "step.needs-decision" => $"[yellow]?[/] {step} waits for a person",
            "run.completed" => "[green]completed[/]",
            "run.failed" => $"[red]failed[/] {error}",
            "run.cancelled" => "[grey]cancelled[/]",
            "run.diverged" => $"[red]diverged[/] {error}",
            "run.resumed" => "[grey]the run goes on[/]",
            _ => null,
        };
    }

    private static string Took(RunEvent e) =>
        e.Data["milliseconds"]?.GetValueKind() == System.Text.Json.JsonValueKind.Number ? Screen.Duration(e.Data["milliseconds"]!.GetValue<double>()) : "";
}
