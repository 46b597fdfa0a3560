using System.Text;
using OnCell;

namespace CodingSample;

/// <summary>The words put to the model. Pure functions, so that a replay asks the same.</summary>
public static class Prompts
{
    /// <summary>The standing instruction.</summary>
    public const string System =
        """
        You are an experienced software engineer who works on an existing project. Fit in: follow the project's
        conventions for naming, layout, documentation and tests, reuse what is there, and change no more than the task
        needs. New behaviour gets tests beside the existing ones.
        """;

    private const int MaxFailureChars = 12_000;
    private const int MaxListedFiles = 2_000;

    /// <summary>Asks for a <see cref="CodingSample.Plan"/>.</summary>
    public static string Plan(string instruction, IReadOnlyList<string> files) =>
        $"""
        # Task
        {instruction}

        # Files of the repository
        {string.Join('\n', files.Take(MaxListedFiles))}

        # Your answer
        Write the plan. You will be shown the whole of the files that it names and then asked for the edits.
        """;

    /// <summary>Asks for the first <see cref="ChangeSet"/>.</summary>
    public static string Edit(string instruction, Plan plan, IReadOnlyDictionary<string, string> sources) =>
        $"""
        # Task
        {instruction}

        # Plan
        {plan.Summary}
        {string.Join('\n', plan.Steps.Select(step => "- " + step))}

        {Sources(plan.Files, sources)}
        # Your answer
        Write the edits.
        {Rules}
        """;

    /// <summary>Asks for a <see cref="ChangeSet"/> that mends the last one.</summary>
    public static string Correct(
        string instruction, ChangeSet last, IReadOnlyDictionary<string, string> sources, string failure) =>
        $"""
        # Task
        {instruction}

        # The last change
        {last.Summary}

        # What went wrong
        {failure}

        {Sources(sources.Keys, sources)}
        # Your answer
        Find the cause, then mend the code; a test may be changed only where the test itself is wrong.
        Write the correction as edits of the files as they are now.
        {Rules}
        """;

    /// <summary>Puts the end of a failed test run into words.</summary>
    public static string Failure(ShellResult tests)
    {
        var output = tests.Stdout + tests.Stderr;
        var tail = output.Length <= MaxFailureChars ? output : "…" + output[^MaxFailureChars..];
        return $"The tests {(tests.TimedOut ? "ran into the time limit" : $"ended with exit code {tests.ExitCode}")}:\n{tail.Trim()}";
    }

    private const string Rules =
        """
        An edit of an existing file is a search text with its replacement: copy the text exactly, with its indentation and
        with enough lines to occur only once. A new file is given whole, as content. Edits are applied in order.
        """;

    private static string Sources(IEnumerable<string> paths, IReadOnlyDictionary<string, string> sources)
    {
        var text = new StringBuilder();
        foreach (var path in paths)
        {
            text.Append("## ").Append(path);
            if (sources.TryGetValue(path, out var source))
                text.Append("\n````\n").Append(source).Append("\n````\n\n");
            else
                text.Append(" (does not exist yet)\n\n");
        }

        return text.ToString();
    }
}
