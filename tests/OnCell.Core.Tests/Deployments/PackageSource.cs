using System.Collections.Immutable;
using System.IO.Compression;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using OnCell.Generators;

namespace OnCell.Core.Tests.Deployments;

/// <summary>Compiles agents into packages as a build of their project would, in memory.</summary>
internal static class PackageSource
{
    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in files)
            {
                var entry = archive.CreateEntry(name);
                entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero); // the same source is the same package
                using var stream = entry.Open();
                stream.Write(content);
            }
        }

        return memory.ToArray();
    }

    /// <summary>A package of one assembly.</summary>
    public static byte[] Package(string name, string source, string framework = ".NETCoreApp,Version=v10.0") =>
        Zip(($"{name}.dll", Assembly(name, source, framework)), ($"{name}.deps.json", "{}"u8.ToArray()));

    public static byte[] Assembly(string name, string source, string framework = ".NETCoreApp,Version=v10.0", bool generate = true)
    {
        var tree = CSharpSyntaxTree.ParseText(
            $"""
             #nullable enable
             using System;
             using System.Collections.Generic;
             using System.Threading;
             using System.Threading.Tasks;
             using OnCell;
             {(framework.Length > 0 ? $"[assembly: System.Runtime.Versioning.TargetFramework(\"{framework}\")]" : "")}
             {source}
             """);
        Compilation compilation = CSharpCompilation.Create(name, [tree], References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, deterministic: true));
        if (generate)
        {
            CSharpGeneratorDriver.Create(new AgentGenerator()).RunGeneratorsAndUpdateCompilation(compilation, out compilation, out var problems);
            Assert.Empty(problems);
        }

        using var memory = new MemoryStream();
        var result = compilation.Emit(memory);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return memory.ToArray();
    }
}
