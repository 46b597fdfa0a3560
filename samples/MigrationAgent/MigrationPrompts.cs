using CodingSample;

namespace MigrationSample;

/// <summary>The words put to the model. Pure functions, so that a replay asks the same.</summary>
public static class MigrationPrompts
{
    private const int MaxListedFiles = 2_000;

    /// <summary>Asks for a <see cref="MigrationPlan"/>.</summary>
    public static string Plan(string goal, IReadOnlyList<string> files) =>
        $"""
        # Migration
        {goal}

        # Files of the repository
        {string.Join('\n', files.Take(MaxListedFiles))}

        # Your answer
        Cut the migration into parts. After each part the project's tests must pass.
        """;

    /// <summary>Asks for the <see cref="ChangeSet"/> of a part, or for one that mends the last.</summary>
    public static string Edit(
        string goal, MigrationPart part, IReadOnlyDictionary<string, string> sources, ChangeSet? last, string? failure) =>
        $"""
        # Migration
        {goal}

        # This part
        {part.Title}

        {(last is null ? "" : $"# The last change\n{last.Summary}\n\n# What went wrong\n{failure}\n")}
        {string.Join('\n', sources.Select(s => $"## {s.Key}\n````\n{s.Value}\n````"))}

        # Your answer
        Write the edits of this part alone, against the files as they are now.
        """;
}
