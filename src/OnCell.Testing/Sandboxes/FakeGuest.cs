using System.Collections.Concurrent;
using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Testing.Sandboxes;

/// <summary>What the guest of a cell keeps of keyed commands: a key runs at most once, and its result is found again.</summary>
internal sealed class FakeGuest(TestWorld world)
{
    private readonly ConcurrentDictionary<string, ExecResult> _kept = new(StringComparer.Ordinal);

    public IReadOnlyList<ExecInfo> List() => [.. _kept.Keys.Select(k => new ExecInfo(k, Find(k)))];

    public ExecState Find(string key) => !_kept.TryGetValue(key, out var kept) ? ExecState.Unknown
        : kept.Outcome == ExecOutcome.Interrupted ? ExecState.Interrupted : ExecState.Finished;

    public ExecResult? Result(string key) => _kept.GetValueOrDefault(key);

    public void Forget(string key) => _kept.TryRemove(key, out _);

    public (ExecResult Result, bool Reattached) Run(ExecSpec spec)
    {
        if (spec.Key is { } known && _kept.TryGetValue(known, out var kept)) return (kept with { Reattached = true }, true);
        var command = spec.Arguments is ["/bin/sh", "-c", var line] ? line : string.Join(' ', spec.Arguments);
        world.Crashes.Reach($"in the middle of \"{command}\"", () => Die(spec, command));
        return (Execute(spec, command), false);
    }

    /// <summary>The service dies while the command runs: the command ends by itself, or dies with the cell.</summary>
    private void Die(ExecSpec spec, string command)
    {
        if (!world.Crashes.WithCell)
            Execute(spec, command);
        else if (spec.Key is { } key)
            _kept[key] = new ExecResult { Outcome = ExecOutcome.Interrupted, ExitCode = -1, Stdout = [], Stderr = [] };
    }

    private ExecResult Execute(ExecSpec spec, string command)
    {
        var done = world.Shell.Run(new ShellInvocation(
            command, spec.Key, spec.WorkingDirectory, spec.Environment, Encoding.UTF8.GetString(spec.StandardInput.Span), world.WorkFolder));
        var result = new ExecResult
        {
            Outcome = ExecOutcome.Exited,
            ExitCode = done.ExitCode,
            Stdout = done.StdoutBytes,
            Stderr = done.StderrBytes,
        };
        if (spec.Key is { } key) _kept[key] = result;
        return result;
    }
}
