using System.ComponentModel;

namespace MigrationSample;

/// <summary>How the migration is cut into parts that pass the tests each by itself.</summary>
public sealed record MigrationPlan(
    [property: Description("One line in the imperative, at most 60 characters")] string Title,
    [property: Description("The parts in order; after each, the project's tests must pass")] IReadOnlyList<MigrationPart> Parts);

/// <summary>One part.</summary>
public sealed record MigrationPart(
    [property: Description("One line in the imperative: the subject of the part's commit")] string Title,
    [property: Description("The files to be changed or read; relative paths")] IReadOnlyList<string> Files);

/// <summary>What became of a migration.</summary>
/// <param name="Branch">The branch that was pushed.</param>
/// <param name="Commits">A commit for each part that passed the tests, in order.</param>
/// <param name="Repairs">How many changes had to be mended.</param>
/// <param name="Calls">How many model calls of the budget were used.</param>
/// <param name="Left">The parts that were not done, where the budget ended first.</param>
public sealed record MigrationOutcome(string Branch, IReadOnlyList<string> Commits, int Repairs, int Calls, IReadOnlyList<string> Left);
