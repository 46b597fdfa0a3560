using OnCell.Indexing;

namespace OnCell.Index.Tests.Indexing;

/// <summary>A process that indexes and tells of each batch, for <see cref="KillTests"/>.</summary>
internal static class IndexingChild
{
    public const string Variable = "ONCELL_INDEX_TEST_CHILD";

    public static async Task<int> RunAsync(string root)
    {
        Console.WriteLine("batch");
        await using var index = await CodeIndex.OpenAsync(
            Path.Combine(root, "index.db"), new CodeIndexOptions { BatchBytes = 1 });
        await index.IndexAsync(Path.Combine(root, "work"), progress: new Lines());
        await Console.In.ReadToEndAsync(); // until it is killed, or whoever started it has ended
        return 0;
    }

    private sealed class Lines : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value)
        {
            if (value is { Phase: "index", FilesDone: > 0 }) Console.WriteLine("batch");
        }
    }
}
