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
        needs. New behaviour gets tests beside the existing ones. Answer with one JSON object of the stated shape and
        nothing else.
        """;

    private const int MaxFailureChars = 12_000;
    private const int MaxListedFiles = 2_000;

    /// <summary>Asks for a <see cref="CodingSample.Plan"/>.</summary>
    public static string Plan(string instruction, IReadOnlyList<string> files) =>
        $$"""
        # Task
        {{instruction}}

        # Files of the repository
        {{string.Join('\n', files.Take(MaxListedFiles))}}

        # Your answer
        Write the plan as JSON:
        {"title": "one line in the imperative, at most 60 characters", "summary": "two or three sentences",
         "steps": ["..."], "files": ["every file to change or create, or to read first"]}
        You will be shown the whole of these files and then asked for the edits.
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
        Write the edits as JSON:
        {Shape}
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
        Write the correction as JSON, against the files as they are now:
        {Shape}
        """;

    /// <summary>Puts the end of a failed test run into words.</summary>
    public static string Failure(ShellResult tests)
    {
        var output = tests.Stdout + tests.Stderr;
        var tail = output.Length <= MaxFailureChars ? output : "…" + output[^MaxFailureChars..];
        return $"The tests {(tests.TimedOut ? "ran into the time limit" : $"ended with exit code {tests.ExitCode}")}:\n{tail.Trim()}";
    }

    private const string Shape =
        """
        {"summary": "one or two sentences", "edits": [
          {"path": "relative/path", "search": "text that occurs exactly once, with its indentation", "replace": "its new text"},
          {"path": "relative/new-file", "content": "the whole text of a new file"}]}
        Edits are applied in order. Copy the search text exactly, with enough lines to be unique.
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
