using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace OnCell.Generators;

/// <summary>Writes the typed callers: <c>agents.For&lt;CodingAgent&gt;("acme").TaskAsync("Add dark mode")</c>.</summary>
internal static class CallerWriter
{
    private const string Task = "global::System.Threading.Tasks.Task";

    public static void Write(StringBuilder code, INamedTypeSymbol type, IReadOnlyList<EndpointMethod> methods)
    {
        code.Append("/// <summary>Calls the methods of <see cref=\"").Append(type.Code()).Append("\"/> as durable runs.</summary>\n");
        code.Append(Symbols.IsPublic(type) ? "public" : "internal").Append(" static class ")
            .Append(DispatchWriter.NameBeside(type, "Calls")).Append("\n{\n");
        foreach (var method in methods)
            WriteMethod(code, type, method);
        code.Append("}\n");
    }

    private static void WriteMethod(StringBuilder code, INamedTypeSymbol type, EndpointMethod method)
    {
        var result = method.Result?.Code();
        var verb = method.Symbol.Name.EndsWith("Async", System.StringComparison.Ordinal) ? method.Symbol.Name : method.Symbol.Name + "Async";
        var parameters = string.Concat(method.Inputs.Select(static p =>
            $", {p.Type.Code()} {Name(p)}{(p.HasExplicitDefaultValue ? " = " + Constants.Write(p.Type, p.ExplicitDefaultValue) : "")}"));
        var names = string.Concat(method.Inputs.Select(static p => Name(p) + ", "));
        var head = $"this global::OnCell.AgentCaller<{type.Code()}> caller{parameters}, global::System.Threading.CancellationToken cancellationToken = default";

        code.Append("    /// <summary>Starts a run of <c>").Append(method.Name).Append("</c>, durable when this returns; wait for it or not.</summary>\n");
        code.Append("    public static ").Append(Task).Append("<global::OnCell.AgentRun").Append(result is null ? "" : $"<{result}>").Append("> Start")
            .Append(verb).Append('(').Append(head).Append(") =>\n        caller.StartMethodAsync").Append(result is null ? "" : $"<{result}>").Append('(')
            .Append(SymbolDisplay.FormatLiteral(method.Name, quote: true)).Append(", [");
        code.Append(string.Join(", ", method.Inputs.Select(static p =>
            $"new({SymbolDisplay.FormatLiteral(p.Name, quote: true)}, global::OnCell.Agents.AgentInput.ToJson<{p.Type.Code()}>({Name(p)}))")));
        code.Append("], cancellationToken);\n\n");

        code.Append("    /// <summary>Runs <c>").Append(method.Name).Append("</c> and waits for its end. Cancelling ends the wait, not the run.</summary>\n");
        code.Append("    public static async ").Append(Task).Append(result is null ? " " : $"<{result}> ").Append(verb).Append('(').Append(head)
            .Append(") =>\n        await (await caller.Start").Append(verb).Append('(').Append(names)
            .Append("cancellationToken).ConfigureAwait(false)).WaitAsync(cancellationToken).ConfigureAwait(false);\n\n");
    }

    private static string Name(IParameterSymbol parameter) =>
        parameter.Name is "caller" or "cancellationToken" ? "@" + parameter.Name + "_" : "@" + parameter.Name;
}
