using System.Text.Json;

namespace OnCell.Benchmarks.Index;

/// <summary>An annotated query: which files answer it.</summary>
internal sealed record RetrievalQuery(string Text, IReadOnlyList<string> Targets, string Category);

/// <summary>A repository with annotated queries.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Root">The folder that is indexed.</param>
/// <param name="Prefix">What stands before an indexed path to make it a path of the repository.</param>
/// <param name="Queries">Its queries.</param>
internal sealed record RetrievalRepository(string Name, string Root, string Prefix, IReadOnlyList<RetrievalQuery> Queries);

/// <summary>Reads annotations in the format of semble's public benchmark.</summary>
/// <remarks>
/// <c>repos.json</c> names the repositories and the folder that is searched; <c>annotations/NAME.json</c> has the queries.
/// The corpus has each repository at its pinned revision in a folder of its name.
/// </remarks>
internal static class RetrievalSet
{
    public static List<RetrievalRepository> Read(string corpus, string annotations)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(annotations, "repos.json")));
        var repositories = new List<RetrievalRepository>();
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            var name = entry.GetProperty("name").GetString()!;
            var folder = entry.TryGetProperty("benchmark_root", out var root) ? root.GetString()! : "";
            var path = Path.Combine(corpus, name, folder);
            if (!Directory.Exists(path))
                throw new DirectoryNotFoundException($"'{path}' is missing: check out {name} at its pinned revision there.");
            var queries = ReadQueries(Path.Combine(annotations, "annotations", name + ".json"));
            repositories.Add(new RetrievalRepository(name, path, folder.Length == 0 ? "" : folder + "/", queries));
        }

        return repositories;
    }

    private static List<RetrievalQuery> ReadQueries(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return
        [
            .. document.RootElement.EnumerateArray().Select(q => new RetrievalQuery(
                q.GetProperty("query").GetString()!,
                [.. Targets(q, "relevant").Concat(Targets(q, "secondary")).Distinct()],
                q.GetProperty("category").GetString()!)),
        ];
    }

    private static IEnumerable<string> Targets(JsonElement query, string property)
        => query.TryGetProperty(property, out var list)
            ? list.EnumerateArray().Select(t =>
                t.ValueKind == JsonValueKind.String ? t.GetString()! : t.GetProperty("path").GetString()!)
            : [];
}
