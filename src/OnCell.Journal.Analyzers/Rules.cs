using Microsoft.CodeAnalysis;

namespace OnCell.Journaling.Analyzers;

/// <summary>What is flagged, and what is to be done instead.</summary>
internal static class Rules
{
    private const string Category = "OnCell.Journal";

    public static readonly DiagnosticDescriptor Time = Create(
        "OCJ001", "The clock differs when a run is executed again", "{0} differs when the run is executed again: take the time from {1}.NowAsync");

    public static readonly DiagnosticDescriptor Chance = Create(
        "OCJ002", "Chance differs when a run is executed again", "{0} differs when the run is executed again: draw from {1}.NewGuid or {1}.NewRandom");

    public static readonly DiagnosticDescriptor Waiting = Create(
        "OCJ003",
        "Waiting and concurrency outside of the run are not durable",
        "{0} is forgotten in a restart or ends in another order: use {1}.DelayAsync, {1}.WhenAnyAsync or a branch of {1}");

    public static readonly DiagnosticDescriptor Effects = Create(
        "OCJ004", "An effect outside of a step is repeated", "{0} is done again each time the run is executed: do it inside a step of {1}");

    public static readonly DiagnosticDescriptor State = Create(
        "OCJ005",
        "Static state is not part of the run",
        "{0} has another value when the run is executed again: keep it in {1}.Memory or in a step's result");

    private static DiagnosticDescriptor Create(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);
}
