using OnCell.Demo.Project;
using OnCell.Demo.Service;

namespace OnCell.Demo;

/// <summary>The demo's two blows: one in the middle of the first test run, one in the middle of a later step.</summary>
public sealed class TwoCrashes : ICrashPlan
{
    private const string StressProgramEnded = "Exiting after";
    private readonly Dictionary<string, string> _running = new(StringComparer.Ordinal);
    private string? _firstTest;
    private bool _firstTestEnded;
    private bool _done;

    /// <inheritdoc/>
    public Blow? Next(ServiceEvent e)
    {
        var position = e.Text("position");
        if (e.Type == "step.started")
            _running[position] = e.Text("name");
        if (e.Type == "step.ended" && position == _firstTest)
            _firstTestEnded = true;

        var name = _running.GetValueOrDefault(position, "");
        var inTests = e.Type == "step.output" && IsTest(name) && e.Text("text").Contains(StressProgramEnded, StringComparison.Ordinal);
        if (_firstTest is null && inTests)
        {
            _firstTest = position;
            return new(false, "the test run is under way");
        }

        var inPush = e.Type == "step.started" && name.StartsWith("git push", StringComparison.Ordinal);
        if (_done || !_firstTestEnded || !(inTests || inPush))
            return null;
        _done = true;
        return new(true, inPush ? "the push is under way" : "the second test run is under way");
    }

    private static bool IsTest(string name) => name.Contains(SampleProject.TestCommand[..40], StringComparison.Ordinal);
}
