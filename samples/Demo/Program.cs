using System.Runtime.InteropServices;
using OnCell.Demo;
using OnCell.Demo.Screen;
using OnCell.Demo.Service;
using Spectre.Console;

DemoOptions options;
try
{
    options = DemoOptions.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"demo: {e.Message}");
    return 2;
}

if (options.Help)
{
    Console.WriteLine(DemoOptions.Usage);
    return 0;
}

using var interrupted = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 200; // nobody's window: do not wrap lines at 80 characters
var screen = new Reporter(AnsiConsole.Console);
try
{
    var summary = await new DemoRun(options, screen).RunAsync(interrupted.Token);
    if (options.JsonFile is { } file)
        summary.Write(file);
    screen.Chapter(summary.Ok ? $"All held, in {summary.Seconds:0} s." : $"{summary.Problems.Count} things did not hold.");
    return summary.Ok ? 0 : 1;
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    return 130;
}
catch (Exception e) when (e is ToolException or ServiceException or HttpRequestException or IOException)
{
    screen.Bad(e.Message);
    return 1;
}

void Interrupt(PosixSignalContext context)
{
    context.Cancel = true;
    interrupted.Cancel();
}
