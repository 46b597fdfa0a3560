namespace OnCell.Indexing.Ranking;

/// <summary>Lowers files that are seldom the answer: tests, examples, generated and vendored code.</summary>
internal static class PathWeight
{
    private const float Test = 0.6f;
    private const float Example = 0.7f;
    private const float Generated = 0.4f;
    private const float Document = 0.6f;
    private const float Declarations = 0.8f;

    private static readonly string[] TestFolders = ["test", "tests", "__tests__", "spec", "specs", "testing", "testdata"];
    private static readonly string[] ExampleFolders =
        ["example", "examples", "sample", "samples", "demo", "demos", "bench", "benches", "benchmark", "benchmarks"];
    private static readonly string[] GeneratedFolders =
        ["vendor", "node_modules", "third_party", "generated", "dist", "deps", "locale", "locales"];

    /// <summary>Returns what a file's scores are multiplied with, 0 to 1.</summary>
    public static float Of(string path)
    {
        var weight = 1f;
        var parts = path.Split('/');
        foreach (var folder in parts.AsSpan(0, parts.Length - 1))
        {
            var name = folder.ToLowerInvariant();
            if (TestFolders.Contains(name)) weight = Math.Min(weight, Test);
            else if (ExampleFolders.Contains(name)) weight = Math.Min(weight, Example);
            else if (GeneratedFolders.Contains(name)) weight = Math.Min(weight, Generated);
        }

        return Math.Min(weight, OfFile(parts[^1]));
    }

    private static float OfFile(string name)
    {
        var lower = name.ToLowerInvariant();
        var stem = Path.GetFileNameWithoutExtension(lower);
        if (stem.StartsWith("test_", StringComparison.Ordinal) || EndsWithAny(stem, "_test", ".test", "_spec", ".spec", "-test"))
            return Test;
        if (stem.Length > 5 && EndsWithAny(Path.GetFileNameWithoutExtension(name), "Test", "Tests", "Spec")) return Test;
        if (EndsWithAny(stem, ".g", ".generated", ".designer", ".min", ".pb", "_pb2", "-lock", ".lock")
            || lower is "go.sum" or "yarn.lock" or "cargo.lock" or "poetry.lock" or "composer.lock")
        {
            return Generated;
        }

        if (lower.EndsWith(".h", StringComparison.Ordinal) || lower.EndsWith(".d.ts", StringComparison.Ordinal)) return Declarations;
        return Languages.LanguageCatalog.Of(name).Style is Languages.DefinitionStyle.None or Languages.DefinitionStyle.Headings
            ? Document
            : 1f;
    }

    private static bool EndsWithAny(string text, params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
        {
            if (text.EndsWith(ending, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
