using System.Diagnostics;
using System.Globalization;
using OnCell.Indexing.Search;

namespace OnCell.Benchmarks.Index;

/// <summary>What an agent does without an index: greps the words of the question, files with most words first.</summary>
internal static class RipgrepBaseline
{
    public static bool IsInstalled => Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, "rg")));

    public static async Task<List<string>> SearchAsync(string root, string query)
    {
        var files = new Dictionary<string, (int Words, int Matches)>(StringComparer.Ordinal);
        foreach (var word in SearchQuery.Parse(query).Words)
        {
            foreach (var (path, matches) in await CountAsync(root, word.Text))
            {
                var (words, before) = files.GetValueOrDefault(path);
                files[path] = (words + 1, before + matches);
            }
        }

        return
        [
            .. files.OrderByDescending(f => f.Value.Words).ThenByDescending(f => f.Value.Matches)
                .ThenBy(f => f.Key, StringComparer.Ordinal).Take(10).Select(f => f.Key),
        ];
    }

    private static async Task<List<(string Path, int Matches)>> CountAsync(string root, string word)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "rg", ["--count-matches", "--ignore-case", "--fixed-strings", "--no-messages", "-e", word, "."])
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var counts = new List<(string, int)>();
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.LastIndexOf(':');
            counts.Add((line[2..colon], int.Parse(line[(colon + 1)..], CultureInfo.InvariantCulture)));
        }

        return counts;
    }
}
