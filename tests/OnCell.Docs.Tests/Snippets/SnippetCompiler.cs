using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using OnCell.Generators;

namespace OnCell.Docs.Tests.Snippets;

/// <summary>Compiles a block as the program of a reader: top-level statements in a web project that refers to OnCell's packages.</summary>
public static class SnippetCompiler
{
    private const string Path = "reader.cs";

    /// <summary>The SDK's, of a web project.</summary>
    private const string ImplicitUsings =
        """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Net.Http.Json; global using System.Threading; global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder; global using Microsoft.AspNetCore.Hosting; global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing; global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection; global using Microsoft.Extensions.Hosting; global using Microsoft.Extensions.Logging;
        """;

    private static readonly CSharpParseOptions Language = new(LanguageVersion.CSharp14);

    /// <summary>All that these tests refer to themselves.</summary>
    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Select(file => MetadataReference.CreateFromFile(file))];

    private static readonly CSharpCompilationOptions Options = new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable);

    /// <summary>Returns what the compiler has against a block, each with the documentation's file and line.</summary>
    public static IReadOnlyList<string> Check(Snippet snippet)
    {
        var compilation = CSharpCompilation.Create("Reader", [Parse(ImplicitUsings, "usings.cs"), Parse(Compose(snippet), Path)], References, Options);
        CSharpGeneratorDriver.Create([new AgentGenerator().AsSourceGenerator()], parseOptions: Language)
            .RunGeneratorsAndUpdateCompilation(compilation, out var complete, out var ofGenerator);
        return
        [
            .. from problem in complete.GetDiagnostics().Concat(ofGenerator)
               where problem.Severity >= DiagnosticSeverity.Warning
               let place = problem.Location.GetMappedLineSpan()
               select $"{place.Path}:{place.StartLinePosition.Line + 1} {problem.Id} {problem.GetMessage()}",
        ];
    }

    /// <summary>Using directives come first and types last, whichever of them the reader sees.</summary>
    private static string Compose(Snippet snippet)
    {
        var before = CSharpSyntaxTree.ParseText(snippet.Before, Language).GetCompilationUnitRoot();
        var usings = CSharpSyntaxTree.ParseText(snippet.Code, Language).GetCompilationUnitRoot().Usings.FullSpan;
        var program = new StringBuilder();
        program.Append(before.Usings.ToFullString()).Append('\n');
        Shown(0, usings.End);
        foreach (var statement in before.Members.OfType<GlobalStatementSyntax>()) program.Append(statement.ToFullString()).Append('\n');
        Shown(usings.End, snippet.Code.Length);
        foreach (var type in before.Members.Where(member => member is not GlobalStatementSyntax)) program.Append(type.ToFullString()).Append('\n');
        return program.ToString();

        void Shown(int from, int to)
        {
            var line = snippet.Line + 1 + snippet.Code.AsSpan(0, from).Count('\n');
            program.Append($"#line {line} \"{snippet.File}\"\n").Append(snippet.Code.AsSpan(from, to - from)).Append("\n#line default\n");
        }
    }

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(text, Language, path, Encoding.UTF8);
}
