using System.ComponentModel;

namespace CodingSample;

/// <summary>What the model means to do, before it does it.</summary>
public sealed record Plan(
    [property: Description("One line in the imperative, at most 60 characters: the subject of the commit")] string Title,
    [property: Description("Two or three sentences: what is done and why this way")] string Summary,
    [property: Description("The steps in order")] IReadOnlyList<string> Steps,
    [property: Description("Every file to be changed or created, and any other that must be read first; relative paths")] IReadOnlyList<string> Files);

/// <summary>A set of edits that is written whole or not at all.</summary>
public sealed record ChangeSet(
    [property: Description("One or two sentences: what the edits do")] string Summary,
    [property: Description("The edits, applied in order")] IReadOnlyList<FileEdit> Edits);

/// <summary>One edit: <see cref="Search"/> and <see cref="Replace"/>, or <see cref="Content"/> for a whole file.</summary>
public sealed record FileEdit(
    [property: Description("The file's relative path")] string Path,
    [property: Description("Text that occurs exactly once in the file, with its indentation; null when content is given")] string? Search = null,
    [property: Description("What takes the place of the search text")] string? Replace = null,
    [property: Description("The whole file, for a new or small one; null otherwise")] string? Content = null);

/// <summary>A delivered task.</summary>
public sealed record TaskOutcome(string Branch, string Commit, string Summary, int Attempts, IReadOnlyList<string> Files);

/// <summary>Whether a branch passes the project's tests, and their closing line.</summary>
public sealed record VerifyOutcome(bool Passed, string Closing);

/// <summary>The agent gave up; the message carries the last failure.</summary>
public sealed class CodingTaskException(string message) : Exception(message);
