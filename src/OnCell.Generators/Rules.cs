using Microsoft.CodeAnalysis;

namespace OnCell.Generators;

/// <summary>What keeps an agent from being called, or from being safe, and what is to be done.</summary>
internal static class Rules
{
    private const string Category = "OnCell.Agents";

    public static readonly DiagnosticDescriptor Unreachable = Create(
        "OCA001", "The agent class cannot be reached by the code that calls it", DiagnosticSeverity.Error,
        "The agent {0} is {1}: make it an internal or public class without type parameters, so that its methods can be called");

    public static readonly DiagnosticDescriptor NotCallable = Create(
        "OCA002", "The method cannot be called from outside", DiagnosticSeverity.Warning,
        "{0} takes a CellContext and cannot be called from outside, because {1}: {2}");

    public static readonly DiagnosticDescriptor SameName = Create(
        "OCA003", "Two methods have one name", DiagnosticSeverity.Error,
        "{0} would be called \"{1}\", which is the name of {2} already: names lose Async and are camel case, so rename one of them");

    public static readonly DiagnosticDescriptor BadParameter = Create(
        "OCA004", "The parameter cannot come from JSON", DiagnosticSeverity.Error,
        "The parameter {0} of {1} is {2}, which cannot come from JSON: take a plain value, a record or a list of them");

    public static readonly DiagnosticDescriptor NotConstructible = Create(
        "OCA005", "The agent cannot be constructed", DiagnosticSeverity.Error,
        "The agent {0} {1}: {2}");

    public static readonly DiagnosticDescriptor UnquotedValue = Create(
        "OCA006", "A value becomes part of a command line without quotes", DiagnosticSeverity.Warning,
        "{0} is put into the command line as it is, so it may be a command: hand ShellAsync the interpolated string itself, which quotes "
        + "each hole, and write $\"sh -c {{line}}\" where the value is meant to be a command line");

    private static DiagnosticDescriptor Create(string id, string title, DiagnosticSeverity severity, string message) =>
        new(id, title, message, Category, severity, isEnabledByDefault: true);
}
