using System.CommandLine;
using OnCell.Cli.Output;

namespace OnCell.Cli.Commands;

/// <summary>Asks the service about its own host: that is where cells run, wherever this command does.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Examines the service's host: what is there, what is missing, and the fix of each.");
        command.SetAction(async (parsed, ct) =>
        {
            var report = await parsed.Client().Service.ProbeHostAsync(ct);
            if (parsed.IsJson()) Screen.Json(report);
            else Screen.Table(["", "requirement", "found", "what to do"], report.Requirements.Select(r => (IReadOnlyList<string>)
                [r.Ok ? "[green]✓[/]" : "[red]✗[/]", Screen.Cell(r.Name), Screen.Cell(r.Found), Screen.Cell(r.Fix)]));
            return report.Ok ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }
}
