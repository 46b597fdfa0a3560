using System.Globalization;
using System.Text.Json.Nodes;
using OnCell.Indexing;
using OnCell.Journaling;

namespace OnCell.Runs;

/// <summary>Indexing and searching the cell's code as steps.</summary>
internal static class IndexSteps
{
    private const string Work = "/work";

    public static Task<IndexReport> IndexAsync(RunSession session, string path, IReadOnlyList<string> globs)
    {
        var below = Below(path);
        return session.StepAsync(new StepSpec<IndexReport>
        {
            Kind = "index",
            Name = globs.Count == 0 ? path : $"{path} {string.Join(' ', globs)}",
            Arguments = [new("path", path), .. globs.Select((g, i) => new StepArgument($"glob.{i}", g))],
            Effect = StepEffect.Idempotent,
            Body = async (execution, token) =>
            {
                var sandbox = await session.Cell.GetSandboxAsync(token).ConfigureAwait(false);
                var index = await session.Cell.GetIndexAsync(token).ConfigureAwait(false);
                var report = await index.IndexAsync(
                    Path.Combine(sandbox.WorkFolder, below), new IndexRequest { Globs = globs },
                    new ProgressToEvents(session), token).ConfigureAwait(false);
                execution.Annotate("files", report.FilesIndexed.ToString(CultureInfo.InvariantCulture));
                execution.Annotate("chunks", report.Chunks.ToString(CultureInfo.InvariantCulture));
                return report;
            },
        });
    }

    public static Task<IReadOnlyList<SearchHit>> SearchAsync(RunSession session, string query, int topK)
    {
        if (topK is < 1 or > 1000)
            throw new ArgumentOutOfRangeException(nameof(topK), topK, "SearchAsync: topK is how many hits to return, 1 to 1,000.");
        return session.StepAsync(new StepSpec<IReadOnlyList<SearchHit>>
        {
            Kind = "search",
            Name = query.Length <= 80 ? query : query[..79] + "…",
            Arguments = [new("query", query), new("topK", topK.ToString(CultureInfo.InvariantCulture))],
            Effect = StepEffect.Read,
            Body = async (execution, token) =>
            {
                var index = await session.Cell.GetIndexAsync(token).ConfigureAwait(false);
                var hits = await index.SearchAsync(query, new SearchOptions { TopK = topK }, token).ConfigureAwait(false);
                execution.Annotate("hits", hits.Count.ToString(CultureInfo.InvariantCulture));
                return hits;
            },
        });
    }

    /// <summary>The path below <c>/work</c>. The host opens it, so nothing in it may lead elsewhere.</summary>
    private static string Below(string path)
    {
        var rest = path == Work ? "" : path.StartsWith(Work + "/", StringComparison.Ordinal) ? path[(Work.Length + 1)..] : null;
        if (rest is null || rest.Split('/').Any(part => part is ".." or "."))
            throw new OnCellException(OnCellError.Invalid, $"IndexAsync: \"{path}\" is not {Work} or a folder below it.");
        return rest;
    }

    private sealed class ProgressToEvents(RunSession session) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value) => session.Publish("step.progress", new JsonObject
        {
            ["kind"] = "index",
            ["phase"] = value.Phase,
            ["done"] = (long)value.FilesDone,
            ["total"] = (long)value.FilesTotal,
            ["chunks"] = value.Chunks,
        });
    }
}
