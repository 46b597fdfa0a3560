using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OnCell.Journaling.Analyzers;

/// <summary>How the run is spoken to where code was flagged: a journal's run with a token, or a cell's context that has one.</summary>
internal sealed class ScopeSyntax
{
    private readonly bool _isCell;
    private readonly string _token;

    private ScopeSyntax(string name, bool isCell, string token) => (Name, _isCell, _token) = (name, isCell, token);

    public string Name { get; }

    public static ScopeSyntax? Find(Diagnostic diagnostic, ExpressionSyntax found, SemanticModel model)
    {
        if (!diagnostic.Properties.TryGetValue(DurableCodeAnalyzer.ScopeProperty, out var name) || name is null)
            return null;
        var parameters = model.LookupSymbols(found.SpanStart).OfType<IParameterSymbol>().ToList();
        var isCell = parameters.Find(parameter => parameter.Name == name)?.Type.Name == "CellContext";
        var token = parameters.Find(static parameter => parameter.Type.Name == nameof(CancellationToken))?.Name ?? "default";
        return new ScopeSyntax(name, isCell, token);
    }

    public string Now() => $"(await {Call("NowAsync")})";

    public string Delay(string time) => Call("DelayAsync", time);

    public string WhenAny(string tasks) => Call("WhenAnyAsync", tasks);

    public string ReadMemory(string type, string key) => Call($"Memory.GetAsync<{type}>", Quote(key));

    public string WriteMemory(string key, string value) => Call("Memory.SetAsync", Quote(key), value);

    public string Step(string type, string name, string effect, string body) => _isCell
        ? $"{Name}.StepAsync<{type}>({Quote(name)}, OnCell.Journaling.StepEffect.{effect}, {body})"
        : $"{Name}.StepAsync(new OnCell.Journaling.StepSpec<{type}> {{ Kind = \"code\", Name = {Quote(name)}, "
            + $"Effect = OnCell.Journaling.StepEffect.{effect}, Body = {body} }}, {_token})";

    private static string Quote(string text) => $"\"{text}\"";

    private string Call(string method, params string[] arguments) =>
        $"{Name}.{method}({string.Join(", ", _isCell ? arguments : arguments.Append(_token))})";
}
