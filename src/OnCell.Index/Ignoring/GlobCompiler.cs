namespace OnCell.Indexing.Ignoring;

/// <summary>Compiles a glob as git reads it.</summary>
/// <remarks>Source of the rules: git's <see href="https://github.com/git/git/blob/master/wildmatch.c"/>.</remarks>
internal static class GlobCompiler
{
    /// <summary>Compiles <paramref name="pattern"/>.</summary>
    /// <param name="pattern">The glob, UTF-8.</param>
    /// <param name="pathname">Whether <c>*</c> stops at slashes; without it, every star matches anything.</param>
    /// <returns>The elements, or <see langword="null"/> for a malformed glob, which matches nothing.</returns>
    public static GlobElement[]? Compile(ReadOnlySpan<byte> pattern, bool pathname)
    {
        var elements = new List<GlobElement>(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case (byte)'\\':
                    if (++i == pattern.Length) return null;
                    elements.Add(Literal(pattern[i]));
                    break;
                case (byte)'?':
                    elements.Add(new GlobElement(GlobElementKind.One, 0, default));
                    break;
                case (byte)'[':
                    if (!TryParseSet(pattern, ref i, out var set)) return null;
                    elements.Add(new GlobElement(GlobElementKind.Set, 0, set));
                    break;
                case (byte)'*':
                    i = CompileStars(pattern, i, pathname, elements);
                    break;
                default:
                    elements.Add(Literal(pattern[i]));
                    break;
            }
        }

        return [.. elements];
    }

    private static GlobElement Literal(byte value) => new(GlobElementKind.Literal, value, default);

    private static int CompileStars(ReadOnlySpan<byte> pattern, int first, bool pathname, List<GlobElement> elements)
    {
        var last = first;
        while (last + 1 < pattern.Length && pattern[last + 1] == '*') last++;
        var next = last + 1;

        if (!pathname)
        {
            elements.Add(new GlobElement(GlobElementKind.Any, 0, default));
            return last;
        }

        var opens = first == 0 || pattern[first - 1] == '/';
        var closesAtSlash = next < pattern.Length && pattern[next] == '/';
        var closes = next == pattern.Length || closesAtSlash || pattern[next..].StartsWith("\\/"u8);
        if (last == first || !opens || !closes)
        {
            elements.Add(new GlobElement(GlobElementKind.Star, 0, default));
            return last;
        }

        elements.Add(new GlobElement(closesAtSlash ? GlobElementKind.Folders : GlobElementKind.Any, 0, default));
        return closesAtSlash ? next : last;
    }

    /// <summary>Parses a bracket expression; <paramref name="i"/> moves from <c>[</c> to its <c>]</c>.</summary>
    private static bool TryParseSet(ReadOnlySpan<byte> pattern, ref int i, out ByteSet set)
    {
        set = default;
        var p = i + 1;
        var negated = p < pattern.Length && pattern[p] is (byte)'!' or (byte)'^';
        if (negated) p++;

        byte previous = 0; // 0: a range cannot start here
        var first = true;
        for (; ; p++, first = false)
        {
            if (p >= pattern.Length) return false;
            var c = pattern[p];
            if (c == ']' && !first) break;

            if (c == '\\')
            {
                if (++p >= pattern.Length) return false;
                previous = pattern[p];
                set.Add(previous);
            }
            else if (c == '-' && previous != 0 && p + 1 < pattern.Length && pattern[p + 1] != ']')
            {
                if (pattern[++p] == '\\' && ++p >= pattern.Length) return false;
                set.AddRange(previous, pattern[p]);
                previous = 0;
            }
            else if (c == '[' && p + 1 < pattern.Length && pattern[p + 1] == ':')
            {
                var end = pattern[(p + 2)..].IndexOf((byte)']');
                if (end < 0) return false;
                var name = pattern.Slice(p + 2, end);
                if (end == 0 || name[^1] != ':')
                {
                    previous = c;
                    set.Add(c);
                    continue;
                }

                if (!TryAddClass(name[..^1], ref set)) return false;
                p += end + 2;
                previous = 0;
            }
            else
            {
                previous = c;
                set.Add(c);
            }
        }

        if (negated) set.Invert();
        i = p;
        return true;
    }

    private static bool TryAddClass(ReadOnlySpan<byte> name, ref ByteSet set)
    {
        Func<char, bool>? member = System.Text.Encoding.ASCII.GetString(name) switch
        {
            "alnum" => char.IsAsciiLetterOrDigit,
            "alpha" => char.IsAsciiLetter,
            "blank" => c => c is ' ' or '\t',
            "cntrl" => char.IsControl,
            "digit" => char.IsAsciiDigit,
            "graph" => c => c is > ' ' and < '\x7f',
            "lower" => char.IsAsciiLetterLower,
            "print" => c => c is >= ' ' and < '\x7f',
            "punct" => c => c is > ' ' and < '\x7f' && !char.IsAsciiLetterOrDigit(c),
            "space" => c => c is ' ' or >= '\t' and <= '\r',
            "upper" => char.IsAsciiLetterUpper,
            "xdigit" => char.IsAsciiHexDigit,
            _ => null,
        };
        if (member is null) return false;
        for (var value = 0; value < 128; value++)
        {
            if (member((char)value)) set.Add((byte)value);
        }

        return true;
    }
}
