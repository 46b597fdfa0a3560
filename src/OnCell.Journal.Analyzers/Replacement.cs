using System;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OnCell.Journaling.Analyzers;

/// <summary>What stands in the place of flagged code.</summary>
internal sealed class Replacement(ExpressionSyntax node, string text)
{
    private const string Task = "System.Threading.Tasks.Task";

    private static readonly string[] Reading = ["Read", "Exists", "Get", "Enumerate", "MachineName"];

    /// <summary>Gets the code that is replaced: what was flagged, or what it is a part of.</summary>
    public ExpressionSyntax Node { get; } = node;

    public string Text { get; } = text;

    public static Replacement? Find(FlaggedCode code, ScopeSyntax scope) => code.Name switch
    {
        "System.DateTimeOffset.UtcNow" or "System.DateTimeOffset.Now" or "System.TimeProvider.GetUtcNow" or "System.TimeProvider.GetLocalNow"
            => Now(code, scope, ""),
        "System.DateTime.UtcNow" => Now(code, scope, ".UtcDateTime"),
        "System.DateTime.Now" => Now(code, scope, ".LocalDateTime"),
        "System.DateTime.Today" => Now(code, scope, ".LocalDateTime.Date"),
        "System.Environment.TickCount64" => Now(code, scope, ".ToUnixTimeMilliseconds()"),
        "System.Guid.NewGuid" or "System.Guid.CreateVersion7" => new Replacement(code.Node, $"{scope.Name}.NewGuid()"),
        "System.Random.Shared" or "System.Random.Random" => new Replacement(code.Node, $"{scope.Name}.NewRandom()"),
        Task + ".Delay" => Delay(code, scope, ""),
        "System.Threading.Thread.Sleep" when code.IsAsync => Delay(code, scope, "await "),
        Task + ".WhenAny" => WhenAny(code, scope),
        _ when code.Symbol is IFieldSymbol or IPropertySymbol { SetMethod: not null } && code.Symbol.IsStatic => Memory(code, scope),
        "System.Diagnostics.Stopwatch.GetTimestamp" or "System.Environment.TickCount" => null,
        _ => Step(code, scope),
    };

    private static Replacement? Now(FlaggedCode code, ScopeSyntax scope, string part) =>
        code.IsAsync ? new Replacement(code.Node, scope.Now() + part) : null;

    private static Replacement? Delay(FlaggedCode code, ScopeSyntax scope, string prefix)
    {
        if (code.Arguments.FirstOrDefault()?.Expression is not { } time)
            return null;
        var delay = code.TypeOf(time)?.SpecialType == SpecialType.System_Int32 ? $"System.TimeSpan.FromMilliseconds({time})" : $"{time}";
        return new Replacement(code.Node, prefix + scope.Delay(delay));
    }

    /// <summary>Only of tasks that have names: an expression written twice would be evaluated twice.</summary>
    private static Replacement? WhenAny(FlaggedCode code, ScopeSyntax scope)
    {
        if (code.Node.Parent is not AwaitExpressionSyntax awaited || code.Type is not INamedTypeSymbol { TypeArguments.Length: 1 } type
            || code.Arguments is not { Length: > 0 } arguments || !arguments.All(static argument => argument.Expression is IdentifierNameSyntax))
        {
            return null;
        }

        var isList = arguments.Length == 1 && code.TypeOf(arguments[0].Expression) is IArrayTypeSymbol or INamedTypeSymbol { Name: "List" or "IReadOnlyList" };
        if (arguments.Length == 1 && !isList && code.TypeOf(arguments[0].Expression)?.Name != "Task")
            return null;
        var tasks = isList
            ? $"{arguments[0]}"
            : $"new {code.Display(type.TypeArguments[0])}[] {{ {string.Join(", ", arguments.Select(static argument => argument.ToString()))} }}";
        var index = $"await {scope.WhenAny(tasks)}";
        return new Replacement(awaited, awaited.Parent is ExpressionStatementSyntax ? index : $"{tasks}[{index}]");
    }

    /// <summary>Static state becomes the run's memory, which is the same in every execution.</summary>
    private static Replacement? Memory(FlaggedCode code, ScopeSyntax scope)
    {
        // "Agent.Count" is flagged as a whole; only what stands alone or is assigned to has a replacement.
        var node = code.Node.Parent is MemberAccessExpressionSyntax access && access.Name == code.Node ? access : code.Node;
        if (!code.IsAsync || code.Type is not { } type || !FlaggedCode.IsData(type))
            return null;
        if (node.Parent is AssignmentExpressionSyntax assignment && assignment.Left == node)
        {
            return assignment.IsKind(SyntaxKind.SimpleAssignmentExpression) && assignment.Parent is ExpressionStatementSyntax
                ? new Replacement(assignment, $"await {scope.WriteMemory(code.ShortName, assignment.Right.ToString())}")
                : null;
        }

        return node.Parent is PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax or ArgumentSyntax { RefKindKeyword.RawKind: not 0 } or RefExpressionSyntax
            ? null
            : new Replacement(node, $"(await {scope.ReadMemory(code.Display(type), code.ShortName)})");
    }

    /// <summary>Does the same inside a step. What changes the world is Unsafe until the author says what it is.</summary>
    private static Replacement? Step(FlaggedCode code, ScopeSyntax scope)
    {
        if (code.Type is not { } type || code.HasAwait)
            return null;
        var effect = IsReading(code.Symbol?.Name ?? "") ? "Read" : "Unsafe";
        if (type is INamedTypeSymbol { Name: "Task", TypeArguments.Length: 1 } task)
        {
            var result = task.TypeArguments[0];
            return FlaggedCode.IsData(result)
                ? new Replacement(code.Node, scope.Step(code.Display(result), code.ShortName, effect, $"(_, _) => {code.Node}"))
                : null;
        }

        if (type.Name == "Task")
            return new Replacement(code.Node, scope.Step("bool", code.ShortName, effect, $"async (_, _) => {{ await {code.Node}; return true; }}"));
        if (!code.IsAsync)
            return null;
        if (type.SpecialType == SpecialType.System_Void)
        {
            var body = $"(_, _) => {{ {code.Node}; return {Task}.FromResult(true); }}";
            return new Replacement(code.Node, $"await {scope.Step("bool", code.ShortName, effect, body)}");
        }

        return FlaggedCode.IsData(type)
            ? new Replacement(code.Node, $"(await {scope.Step(code.Display(type), code.ShortName, effect, $"(_, _) => {Task}.FromResult({code.Node})")})")
            : null;
    }

    private static bool IsReading(string member) => Array.Exists(Reading, verb => member.StartsWith(verb, StringComparison.Ordinal));
}
