using OnCell.Demo;
using OnCell.Demo.Service;

namespace OnCell.EndToEnd.Tests.Kills;

/// <summary>A blow at each of some moments of a run, in their order.</summary>
internal sealed class Blows(params Blows.At[] moments) : ICrashPlan
{
    private readonly Queue<At> _left = new(moments);

    /// <summary>Gets how many moments never came.</summary>
    public int Left => _left.Count;

    /// <summary>A model's answer that is being given.</summary>
    public static At Answer(bool withSandbox = false) => new(e => e.Type == "llm.text", withSandbox, "a model answers");

    /// <summary>A command that has begun.</summary>
    public static At Command(string part, bool withSandbox = false) => new(
        e => e.Type == "step.started" && e.Text("kind") == "shell" && e.Text("name").Contains(part, StringComparison.Ordinal), withSandbox, $"{part} has begun");

    /// <summary>A step of a kind that has ended.</summary>
    public static At Ended(string kind) => new(e => e.Type == "step.ended" && e.Text("kind") == kind, false, $"{kind} has ended");

    public Blow? Next(ServiceEvent e)
    {
        if (_left.Count == 0 || !_left.Peek().Comes(e)) return null;
        var moment = _left.Dequeue();
        return new(moment.WithSandbox, moment.Name);
    }

    internal sealed record At(Func<ServiceEvent, bool> Comes, bool WithSandbox, string Name);
}
