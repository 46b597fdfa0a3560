using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace SecuritySample;

/// <summary>What the model says of one place.</summary>
public sealed record Verdict(
    [property: Description("Whether an attacker could make use of this line")] bool Dangerous,
    [property: Description("error, warning or note")] Severity Severity,
    [property: Description("One short sentence: why"), MaxLength(200)] string Why);

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

/// <summary>A place that looks like a weakness.</summary>
/// <param name="Weakness">Which.</param>
/// <param name="Path">The file.</param>
/// <param name="Line">The line.</param>
/// <param name="Text">The line's text.</param>
/// <param name="Around">The lines around it.</param>
public sealed record Candidate(string Weakness, string Path, int Line, string Text, string Around);

/// <summary>A weakness that was found.</summary>
/// <param name="Weakness">Which, by its CWE number.</param>
/// <param name="Path">The file.</param>
/// <param name="Line">The line.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Why">Why, in the model's words.</param>
public sealed record Finding(string Weakness, string Path, int Line, Severity Severity, string Why);

/// <summary>A finished scan.</summary>
/// <param name="Candidates">How many places looked like a weakness.</param>
/// <param name="Judged">How many of them the model judged.</param>
/// <param name="Findings">What was found, worst first.</param>
/// <param name="Left">The places that were not judged: beyond the budget, or the model gave no usable answer.</param>
public sealed record SecurityReport(int Candidates, int Judged, IReadOnlyList<Finding> Findings, IReadOnlyList<string> Left);
