using System.Text;

namespace OnCell.Demo.Screen;

/// <summary>Makes lines of the pieces of output that steps write: the first few of each step, and its last.</summary>
internal sealed class OutputLines
{
    private const int MaxLines = 12;
    private readonly Dictionary<string, StepLines> _steps = new(StringComparer.Ordinal);

    /// <summary>Takes a piece of a step's output.</summary>
    public void Write(string step, string text, Action<string> show)
    {
        if (!_steps.TryGetValue(step, out var lines))
            _steps[step] = lines = new();
        foreach (var c in text)
        {
            if (c != '\n')
                lines.Current.Append(c);
            else
                lines.EndLine(show);
        }
    }

    /// <summary>Shows a step's last line where it was held back.</summary>
    public void End(string step, Action<string> show)
    {
        if (_steps.Remove(step, out var lines))
            lines.End(show);
    }

    /// <summary>Forgets what was begun.</summary>
    public void Clear() => _steps.Clear();

    private sealed class StepLines
    {
        private int _count;
        private string _last = "";

        public StringBuilder Current { get; } = new();

        public void EndLine(Action<string> show)
        {
            var line = Current.ToString().TrimEnd();
            Current.Clear();
            if (line.Length == 0)
                return;
            _last = line;
            if (++_count <= MaxLines)
                show(line);
        }

        public void End(Action<string> show)
        {
            EndLine(show);
            if (_count > MaxLines + 1)
                show($"… ({_count - MaxLines - 1} lines more)");
            if (_count > MaxLines)
                show(_last);
        }
    }
}
