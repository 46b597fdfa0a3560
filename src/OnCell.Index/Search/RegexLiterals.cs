using System.Text;

namespace OnCell.Indexing.Search;

/// <summary>Finds texts that whatever matches an expression must hold.</summary>
/// <remarks>Careful rather than complete: what it is not sure of, such as anything inside a group, it leaves out.</remarks>
internal static class RegexLiterals
{
    /// <summary>Lists texts that are in every match; none where nothing is sure.</summary>
    public static List<string> Of(string pattern)
    {
        var literals = new List<string>();
        if (SkipsBlanks(pattern)) return literals;
        var run = new StringBuilder();
        for (var i = 0; i < pattern.Length;)
        {
            switch (pattern[i])
            {
                case '|':
                    return []; // either side may match
                case '(':
                    Flush(run, literals);
                    i = SkipQuantifier(pattern, SkipGroup(pattern, i), out _);
                    break;
                case '[':
                    Flush(run, literals);
                    i = SkipQuantifier(pattern, SkipClass(pattern, i), out _);
                    break;
                case '\\' when i + 1 < pattern.Length && !char.IsAsciiLetterOrDigit(pattern[i + 1]):
                    i = Take(pattern, i + 2, pattern[i + 1], run, literals);
                    break;
                case '\\':
                    Flush(run, literals);
                    i = SkipQuantifier(pattern, SkipEscape(pattern, i), out _);
                    break;
                case '.' or '^' or '$':
                    Flush(run, literals);
                    i = SkipQuantifier(pattern, i + 1, out _);
                    break;
                default:
                    i = Take(pattern, i + 1, pattern[i], run, literals);
                    break;
            }
        }

        Flush(run, literals);
        return literals;
    }

    /// <summary>Takes a character, unless what follows lets it be absent.</summary>
    private static int Take(string pattern, int next, char c, StringBuilder run, List<string> literals)
    {
        var after = SkipQuantifier(pattern, next, out var optional);
        if (!optional) run.Append(c);
        if (after != next) Flush(run, literals); // repeated: what follows need not be next to it
        return after;
    }

    private static int SkipQuantifier(string pattern, int at, out bool optional)
    {
        optional = false;
        if (at >= pattern.Length) return at;
        if (pattern[at] == '{' && at + 1 < pattern.Length && char.IsAsciiDigit(pattern[at + 1]))
        {
            optional = pattern[at + 1] == '0';
            var close = pattern.IndexOf('}', at);
            at = close < 0 ? pattern.Length : close + 1;
        }
        else if (pattern[at] is '*' or '+' or '?')
        {
            optional = pattern[at] != '+';
            at++;
        }
        else
        {
            return at;
        }

        return at < pattern.Length && pattern[at] is '?' or '+' ? at + 1 : at;
    }

    private static int SkipGroup(string pattern, int at)
    {
        var depth = 0;
        while (at < pattern.Length)
        {
            switch (pattern[at])
            {
                case '\\':
                    at += 2;
                    continue;
                case '[':
                    at = SkipClass(pattern, at);
                    continue;
                case '(':
                    depth++;
                    break;
                case ')' when --depth == 0:
                    return at + 1;
            }

            at++;
        }

        return pattern.Length;
    }

    private static int SkipClass(string pattern, int at)
    {
        at++;
        if (at < pattern.Length && pattern[at] == '^') at++;
        if (at < pattern.Length && pattern[at] == ']') at++; // the first one is a member
        while (at < pattern.Length && pattern[at] != ']')
        {
            if (pattern[at] == '[') return pattern.Length; // a subtraction: give up on the rest
            at += pattern[at] == '\\' ? 2 : 1;
        }

        return Math.Min(at + 1, pattern.Length);
    }

    /// <summary>Skips a class, an anchor, or a character by its number.</summary>
    private static int SkipEscape(string pattern, int at) => pattern[Math.Min(at + 1, pattern.Length - 1)] switch
    {
        'p' or 'P' => pattern.IndexOf('}', at) is var close && close < 0 ? pattern.Length : close + 1,
        'x' => Math.Min(at + 4, pattern.Length),
        'u' => Math.Min(at + 6, pattern.Length),
        'c' => Math.Min(at + 3, pattern.Length),
        >= '0' and <= '9' => Math.Min(at + 4, pattern.Length), // at most three octal digits; what is not one is merely left out
        _ => at + 2,
    };

    /// <summary>Tells whether blanks may mean nothing: an inline option <c>x</c>.</summary>
    private static bool SkipsBlanks(string pattern)
    {
        for (var at = pattern.IndexOf("(?", StringComparison.Ordinal); at >= 0; at = pattern.IndexOf("(?", at + 2, StringComparison.Ordinal))
        {
            for (var i = at + 2; i < pattern.Length && (char.IsAsciiLetter(pattern[i]) || pattern[i] == '-'); i++)
            {
                if (pattern[i] == 'x') return true;
            }
        }

        return false;
    }

    private static void Flush(StringBuilder run, List<string> literals)
    {
        if (run.Length >= 3) literals.Add(run.ToString());
        run.Clear();
    }
}
