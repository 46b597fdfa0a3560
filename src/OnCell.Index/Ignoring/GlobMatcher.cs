namespace OnCell.Indexing.Ignoring;

/// <summary>Matches compiled globs against UTF-8 text.</summary>
/// <remarks>
/// Runs all alternatives side by side, one step per byte of text and element of the glob: a hostile
/// <c>*a*a*a*a*b</c> costs no more than their product, where backtracking matchers take exponential time.
/// </remarks>
internal static class GlobMatcher
{
    private const int StackLimit = 512;

    public static bool IsMatch(ReadOnlySpan<GlobElement> glob, ReadOnlySpan<byte> text)
    {
        // What comes before the first wildcard decides most matches.
        var fixedLength = 0;
        while (fixedLength < glob.Length && glob[fixedLength].Kind == GlobElementKind.Literal)
        {
            if (fixedLength == text.Length || text[fixedLength] != glob[fixedLength].Literal) return false;
            fixedLength++;
        }

        glob = glob[fixedLength..];
        text = text[fixedLength..];
        if (glob.IsEmpty) return text.IsEmpty;
        if (glob[^1].Kind == GlobElementKind.Literal && (text.IsEmpty || text[^1] != glob[^1].Literal)) return false;

        var size = glob.Length + 1;
        Span<bool> current = size <= StackLimit ? stackalloc bool[size] : new bool[size];
        Span<bool> next = size <= StackLimit ? stackalloc bool[size] : new bool[size];
        Reach(glob, current, 0);
        foreach (var c in text)
        {
            next.Clear();
            var alive = false;
            for (var state = 0; state < glob.Length; state++)
            {
                if (!current[state]) continue;
                alive = true;
                Step(glob, next, state, c);
            }

            if (!alive) return false;
            var swap = current;
            current = next;
            next = swap;
        }

        return current[glob.Length];
    }

    private static void Step(ReadOnlySpan<GlobElement> glob, Span<bool> next, int state, byte c)
    {
        ref readonly var element = ref glob[state];
        switch (element.Kind)
        {
            case GlobElementKind.Literal when c == element.Literal:
            case GlobElementKind.One when c != '/':
            case GlobElementKind.Set when c != '/' && element.Set.Contains(c):
                Reach(glob, next, state + 1);
                break;
            case GlobElementKind.Star when c != '/':
            case GlobElementKind.Any:
                Reach(glob, next, state);
                break;
            case GlobElementKind.Folders:
                next[state] = true;
                if (c == '/') Reach(glob, next, state + 1);
                break;
        }
    }

    /// <summary>Enters a state, and those after it that need no text.</summary>
    private static void Reach(ReadOnlySpan<GlobElement> glob, Span<bool> states, int state)
    {
        while (!states[state])
        {
            states[state] = true;
            if (state == glob.Length || glob[state].Kind < GlobElementKind.Star) return;
            state++;
        }
    }
}
