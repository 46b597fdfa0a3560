using System.Text;
using OnCell.Indexing;

namespace OnCell.Models;

/// <summary>Writes texts and search hits before a prompt, within a budget of tokens.</summary>
/// <remarks>
/// The rule: texts first, in their order, each whole while it fits; one that does not keeps its head and tail in what is
/// left, and is left out where that is too little to be of use. Then the hits, best first, each whole or not at all, so
/// that a small one may follow a large one that did not fit; a hit inside one that is there already is left out.
/// </remarks>
internal static class ContextPacker
{
    /// <summary>Less than this of a text tells nothing.</summary>
    private const int LeastTokens = 50;

    public static string Pack(string prompt, LlmOptions options)
    {
        if (options.Context.Count == 0 && options.Texts.Count == 0) return prompt;
        var text = new StringBuilder();
        var left = options.MaxContextTokens;
        foreach (var item in options.Texts)
        {
            var head = $"--- {item.Title}\n";
            var room = left - TokenEstimate.Of(head) - 1;
            if (TokenEstimate.Of(item.Text) > room && room < LeastTokens) continue;
            left -= Add(text, $"{head}{TokenEstimate.Fit(item.Text, room)}\n\n");
        }

        left -= AddHits(text, options.Context, left);
        return text.Append(prompt).ToString();
    }

    private static int AddHits(StringBuilder text, IReadOnlyList<SearchHit> hits, int budget)
    {
        const string heading = "Code found in the repository, best match first:\n";
        var taken = new List<SearchHit>();
        var left = budget - TokenEstimate.Of(heading);
        foreach (var hit in hits)
        {
            if (taken.Any(t => t.Path == hit.Path && t.StartLine <= hit.StartLine && t.EndLine >= hit.EndLine)) continue;
            var item = Write(hit);
            var tokens = TokenEstimate.Of(item);
            if (tokens > left) continue;
            if (taken.Count == 0) text.Append(heading);
            taken.Add(hit);
            left -= Add(text, item);
        }

        if (taken.Count > 0) text.Append('\n');
        return budget - left;
    }

    private static string Write(SearchHit hit) => $"\n--- {hit.Path}, lines {hit.StartLine}-{hit.EndLine}\n{hit.Content}\n";

    private static int Add(StringBuilder text, string item)
    {
        text.Append(item);
        return TokenEstimate.Of(item);
    }
}
