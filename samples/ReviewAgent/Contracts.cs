using System.ComponentModel;

namespace ReviewSample;

/// <summary>What the model says of one file's change.</summary>
public sealed record FileReview(
    [property: Description("What is wrong with the change; empty where nothing is")] IReadOnlyList<Finding> Findings);

/// <summary>One thing that is wrong.</summary>
public sealed record Finding(
    [property: Description("The file's path as in the diff")] string Path,
    [property: Description("The line in the new file")] int Line,
    [property: Description("error, warning or note")] Severity Severity,
    [property: Description("One sentence: what is wrong and what follows from it")] string Message);

/// <summary>How bad it is.</summary>
public enum Severity
{
    /// <summary>Worth knowing.</summary>
    Note,

    /// <summary>Should be mended.</summary>
    Warning,

    /// <summary>Must be mended.</summary>
    Error,
}

/// <summary>A finished review.</summary>
/// <param name="PullRequest">Its number.</param>
/// <param name="Commit">What was reviewed.</param>
/// <param name="Files">How many files were looked at.</param>
/// <param name="Findings">What was found, worst first.</param>
public sealed record ReviewOutcome(int PullRequest, string Commit, int Files, IReadOnlyList<Finding> Findings);
