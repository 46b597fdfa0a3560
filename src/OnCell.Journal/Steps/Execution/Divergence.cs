using System.Text;
using OnCell.Journaling.Steps.History;

namespace OnCell.Journaling.Steps.Execution;

/// <summary>Says how the code and the history differ, line by line.</summary>
internal static class Divergence
{
    public static string Describe(string runId, string position, Side journal, Side code, string? source)
    {
        var text = new StringBuilder()
            .Append("run ").Append(runId).Append(" diverged at step ").Append(position);
        if (source is not null)
            text.Append(" (asked for at ").Append(source).Append(')');
        text.Append(": the code asks for another step than the journal holds. Nothing was executed. Run the version of the code ")
            .AppendLine("that started the run, guard the change with PatchedAsync, or fork the run before this step.");
        text.AppendLine("--- journal").AppendLine("+++ code");
        Compare(text, "kind", journal.Kind, code.Kind);
        Compare(text, "name", journal.Name, code.Name);
        CompareLines(text, journal.Arguments ?? "no arguments", code.Arguments ?? "no arguments");
        return text.ToString().TrimEnd();
    }

    /// <summary>Says which steps the code never asked for, after which one it ended, and, where it failed, with what.</summary>
    /// <param name="run">The run.</param>
    /// <param name="unread">The steps, in the journal's order; one at least.</param>
    /// <param name="failure">What the code failed with; <see langword="null"/> where it completed.</param>
    public static string DescribeUnread(JournalRun run, IReadOnlyList<StepHistory> unread, RunError? failure)
    {
        var (first, last) = (unread[0], unread[^1]);
        var text = new StringBuilder()
            .Append("run ").Append(run.Id).Append(" diverged: ").Append(run.Method)
            .Append(failure is null ? " completed" : " failed").Append(" without asking for ")
            .Append(unread.Count == 1 ? "step " : $"{unread.Count} steps, from ").Append(Named(first));
        if (unread.Count > 1)
            text.Append(" to ").Append(Named(last));
        text.Append(", which the journal holds; ")
            .Append(run.LastAsked is { } asked ? $"the last that it asked for is {Named(asked)}. " : "it asked for none. ")
            .AppendLine("Run the version of the code that started the run, or fork the run before this step.");
        text.AppendLine("--- journal").AppendLine("+++ code");
        if (run.LastAsked is { } before)
            AppendStep(text, "  ", before);
        AppendStep(text, "- ", first);
        if (unread.Count > 2)
            text.Append("- (").Append(unread.Count - 2).AppendLine(" more)");
        if (unread.Count > 1)
            AppendStep(text, "- ", last);
        if (failure is not null)
            text.Append("+ ").Append(failure.Type).Append(": ").AppendLine(failure.Message);
        return text.ToString().TrimEnd();

        static string Named(StepHistory step) => $"{step.Position} ({step.Kind} {step.Name})";

        static void AppendStep(StringBuilder text, string mark, StepHistory step) =>
            text.Append(mark).Append(step.Position).Append(' ').Append(step.Kind).Append(' ').AppendLine(step.Name);
    }

    private static void Compare(StringBuilder text, string what, string journal, string code)
    {
        if (journal == code)
            text.Append("  ").Append(what).Append(": ").AppendLine(code);
        else
            text.Append("- ").Append(what).Append(": ").AppendLine(journal).Append("+ ").Append(what).Append(": ").AppendLine(code);
    }

    // Arguments are sorted by name and one to a line, so the common head and tail are what did not change.
    private static void CompareLines(StringBuilder text, string journal, string code)
    {
        var (left, right) = (journal.Split('\n'), code.Split('\n'));
        var shorter = Math.Min(left.Length, right.Length);
        var head = 0;
        while (head < shorter && left[head] == right[head])
            head++;
        var tail = 0;
        while (tail < shorter - head && left[^(tail + 1)] == right[^(tail + 1)])
            tail++;
        Append(text, "  ", left.AsSpan(0, head));
        Append(text, "- ", left.AsSpan(head, left.Length - head - tail));
        Append(text, "+ ", right.AsSpan(head, right.Length - head - tail));
        Append(text, "  ", left.AsSpan(left.Length - tail));
    }

    private static void Append(StringBuilder text, string mark, ReadOnlySpan<string> lines)
    {
        foreach (var line in lines)
            text.Append(mark).AppendLine(line);
    }

    internal sealed record Side(string Kind, string Name, string? Arguments);
}
