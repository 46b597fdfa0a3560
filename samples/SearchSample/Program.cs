// Indexes a folder and answers queries:
//
//   dotnet run --project samples/SearchSample -- FOLDER                       asks until an empty line
//   dotnet run --project samples/SearchSample -- FOLDER "auth middleware"     answers once
//
// The index lies in the user's cache folder, one file per indexed folder; a second start takes a moment.
using System.IO.Hashing;
using System.Text;
using OnCell.Indexing;

if (args.Length is 0 or > 2)
{
    Console.Error.WriteLine("usage: SearchSample FOLDER [QUERY]");
    return 2;
}

var folder = Path.GetFullPath(args[0]);
var cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "oncell-search");
Directory.CreateDirectory(cache);
var database = Path.Combine(cache, $"{XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(folder)):x16}.db");

try
{
    await using var index = await CodeIndex.OpenAsync(database);
    var report = await index.IndexAsync(folder);
    Console.WriteLine(
        $"{report.FilesIndexed} files indexed, {report.FilesUnchanged} unchanged, {report.FilesRemoved} removed " +
        $"in {report.Duration.TotalMilliseconds:0} ms: {report.Lines} lines in {report.Chunks} chunks");
    foreach (var (reason, count) in report.Skipped) Console.WriteLine($"  skipped {count} {reason}");

    if (args.Length == 2) return await AnswerAsync(index, args[1]);
    while (true)
    {
        Console.Write("? ");
        if (Console.ReadLine() is not { Length: > 0 } query) return 0;
        await AnswerAsync(index, query);
    }
}
catch (CodeIndexException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static async Task<int> AnswerAsync(CodeIndex index, string query)
{
    var hits = await index.SearchAsync(query, new SearchOptions { TopK = 5 });
    foreach (var hit in hits)
    {
        Console.WriteLine($"{hit.Score:0.00}  {hit.Path}:{hit.StartLine}-{hit.EndLine}");
        foreach (var line in hit.Content.Split('\n').Take(3)) Console.WriteLine("      " + line.TrimEnd());
    }

    if (hits.Count == 0) Console.WriteLine("nothing found");
    return hits.Count == 0 ? 1 : 0;
}
