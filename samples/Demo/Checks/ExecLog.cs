namespace OnCell.Demo.Checks;

/// <summary>The guest's own record of keyed commands, which no death of the service can blur.</summary>
/// <remarks>Lines of <c>begin KEY</c> and <c>end KEY CODE</c>, kept on the cell's volume.</remarks>
public static class ExecLog
{
    /// <summary>Finds the keys whose command was begun again after it had ended, or ended more than once.</summary>
    public static IReadOnlyList<string> RunTwice(IEnumerable<string> lines)
    {
        var ended = new HashSet<string>(StringComparer.Ordinal);
        var twice = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            switch (line.Split(' '))
            {
                case ["begin", var key, ..] when ended.Contains(key):
                case ["end", var again, ..] when !ended.Add(again):
                    twice.Add(line.Split(' ')[1]);
                    break;
            }
        }

        return [.. twice];
    }
}
