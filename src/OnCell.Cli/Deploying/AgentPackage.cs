using System.IO.Compression;
using System.Text.Json.Nodes;

namespace OnCell.Cli.Deploying;

/// <summary>
/// Makes a package of a published agent project: what the project brings beside OnCell, which the service has. Files lie at
/// its root, chosen for the service's machine; the same build is the same package, byte for byte.
/// </summary>
internal static class AgentPackage
{
    private const string Dependencies = ".deps.json";

    // The same in every package, since a time would make each build another revision.
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <returns>The package's name.</returns>
    /// <exception cref="UsageException">The folder holds no published project.</exception>
    public static string Write(string published, string assembly, string runtime, Stream package)
    {
        var description = Path.Combine(published, assembly + Dependencies);
        if (!File.Exists(description)) throw new UsageException($"the build made no {assembly}{Dependencies}: does the project set GenerateDependencyFile to false?");
        List<(string Source, string Name)> files =
        [
            .. Files(JsonNode.Parse(File.ReadAllText(description))!, assembly, runtime),
            .. new[] { assembly + Dependencies, assembly + ".pdb" }.Where(f => File.Exists(Path.Combine(published, f))).Select(f => (f, f)),
        ];
        using var archive = new ZipArchive(package, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (source, name) in files.DistinctBy(f => f.Name).OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            var entry = archive.CreateEntry(name, CompressionLevel.Optimal);
            entry.LastWriteTime = Epoch;
            using var to = entry.Open();
            using var from = File.OpenRead(Path.Combine(published, source));
            from.CopyTo(to);
        }

        return assembly;
    }

    /// <summary>Where each file lies in the published folder, and what it is called in the package.</summary>
    private static IEnumerable<(string Source, string Name)> Files(JsonNode description, string assembly, string runtime)
    {
        var target = description["targets"]![description["runtimeTarget"]!["name"]!.GetValue<string>()]!.AsObject();
        var root = target.First(library => library.Key.StartsWith(assembly + "/", StringComparison.OrdinalIgnoreCase)).Key;
        foreach (var library in Reached(target, root))
        {
            foreach (var (path, _) in Assets(library, "runtime")) yield return (Path.GetFileName(path), Path.GetFileName(path));
            foreach (var (path, _) in Assets(library, "native")) yield return (Path.GetFileName(path), Path.GetFileName(path));
            foreach (var (path, asset) in Assets(library, "resources"))
            {
                var satellite = $"{asset!["locale"]}/{Path.GetFileName(path)}";
                yield return (satellite, satellite);
            }

            var fitting = Assets(library, "runtimeTargets").Where(a => Fits(a.Value!["rid"]!.GetValue<string>(), runtime));
            foreach (var (path, _) in fitting) yield return (path, Path.GetFileName(path));
        }
    }

    /// <summary>The project's library and those it needs; not OnCell's, nor what only those need.</summary>
    private static List<JsonObject> Reached(JsonObject target, string root)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>([root]);
        while (open.TryDequeue(out var key))
        {
            if (!target.ContainsKey(key) || (key != root && key.StartsWith("OnCell.", StringComparison.Ordinal)) || !reached.Add(key)) continue;
            foreach (var (name, version) in target[key]!["dependencies"]?.AsObject() ?? []) open.Enqueue($"{name}/{version}");
        }

        return [.. reached.Select(key => target[key]!.AsObject())];
    }

    private static JsonObject Assets(JsonObject library, string kind) => library[kind]?.AsObject() ?? [];

    private static bool Fits(string rid, string runtime)
    {
        var architecture = runtime[(runtime.LastIndexOf('-') + 1)..];
        return rid == runtime || rid == $"linux-{architecture}" || rid == $"unix-{architecture}" || rid is "linux" or "unix" or "any";
    }
}
