using System.Text;
using OnCell.Indexing;

namespace OnCell.Models;

/// <summary>Writes search hits before a prompt, best first, each whole or not at all, within a budget of tokens.</summary>
internal static class ContextPacker
{
    /// <summary>The rule of thumb for code and English: one token is about four characters.</summary>
    private const int CharactersPerToken = 4;

    public static string Pack(string prompt, IReadOnlyList<SearchHit> hits, int maxTokens)
    {
        if (hits.Count == 0) return prompt;
        var budget = (long)maxTokens * CharactersPerToken;
        var text = new StringBuilder("Code found in the repository, best match first:\n");
        foreach (var hit in hits)
        {
            var item = $"\n--- {hit.Path}, lines {hit.StartLine}-{hit.EndLine}\n{hit.Content}\n";
            if (text.Length + item.Length > budget) continue;
            text.Append(item);
        }

        return text.Append('\n').Append(prompt).ToString();
    }
}
