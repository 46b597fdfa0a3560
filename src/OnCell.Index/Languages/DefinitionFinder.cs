using System.Buffers;
using System.Collections.Frozen;

namespace OnCell.Indexing.Languages;

/// <summary>Recognises definitions line by line, in time linear in the text.</summary>
/// <remarks>
/// One table serves every language: a word that defines in one hardly begins a line in another. What it misses costs a
/// little ranking, nothing else, so no parser is carried for any language.
/// </remarks>
internal static class DefinitionFinder
{
    private static readonly FrozenSet<string> Modifiers = Words(
        "public private protected internal static abstract final sealed partial virtual override async export default " +
        "declare readonly unsafe extern inline constexpr explicit open data case implicit lazy pub const mut local " +
        "suspend operator inner companion infix tailrec external required fileprivate mutating nonisolated convenience " +
        "synchronized native transient volatile strictfp template typename friend global inline noncomputable new " +
        "ref where record sync macro proc comptime override get set defaultactor distributed indirect threadlocal");

    private static readonly FrozenDictionary<string, string> Keywords = Kinds(
        ("type",
            "class struct interface enum trait record union type protocol object typealias actor newtype instance message " +
            "service delegate extension defprotocol defrecord input table view @interface @protocol @implementation"),
        ("function",
            "def defp fn func fun function function* sub proc procedure method rpc defn defn- defmulti defcallback @callback"),
        ("module", "module namespace package mod defmodule"),
        ("macro", "defmacro defmacrop defguard macro_rules! #define"),
        ("value", "const let var val static"));

    private static readonly FrozenSet<string> NoFunction = Words(
        "if for while switch catch return else do foreach using lock when match with elif elsif unless until throw new " +
        "await yield sizeof typeof defined assert import include require echo print case fixed unchecked checked try " +
        "finally select guard super this and or not in is as delete goto");

    private static readonly SearchValues<char> ExpressionMarks = SearchValues.Create("=.\"'?&|!+");
    private static readonly SearchValues<char> WordEnds = SearchValues.Create("(<{:;,=");

    /// <summary>Finds what a line defines.</summary>
    /// <param name="line">The line.</param>
    /// <param name="next">The line after it.</param>
    /// <param name="style">The language's way to define.</param>
    /// <param name="name">The defined name.</param>
    /// <param name="kind">Its kind.</param>
    public static bool TryFind(
        ReadOnlySpan<char> line, ReadOnlySpan<char> next, DefinitionStyle style, out string name, out string kind)
    {
        name = kind = "";
        if (style == DefinitionStyle.None) return false;
        var text = line.Trim();
        if (text.Length < 4 || text.Length > 500) return false;
        if (style == DefinitionStyle.Headings) return TryHeading(text, out name, out kind);
        if (text[0] is '/' or '*' or '"' or '\'' or '}' or ')' or ']' or '-' or '|' or '+') return false;

        var indent = line.Length - line.TrimStart().Length;
        return TryKeyword(text, indent, out name, out kind)
            || (indent == 0 && TryAssignment(text, out name, out kind))
            || (style == DefinitionStyle.KeywordOrBraces && TryBraces(text, next.Trim(), out name, out kind));
    }

    /// <summary>Tells whether a word belongs to languages rather than to programs.</summary>
    public static bool IsKeyword(ReadOnlySpan<char> word)
        => NoFunction.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word)
            || Modifiers.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word)
            || Keywords.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(word);

    private static bool TryHeading(ReadOnlySpan<char> text, out string name, out string kind)
    {
        kind = "heading";
        name = text[0] == '#' ? text.TrimStart('#').Trim().ToString() : "";
        return name.Length > 0;
    }

    private static bool TryKeyword(ReadOnlySpan<char> text, int indent, out string name, out string kind)
    {
        name = kind = "";
        var rest = text.TrimStart('('); // Lisps
        var modifiers = Modifiers.GetAlternateLookup<ReadOnlySpan<char>>();
        var keywords = Keywords.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var i = 0; i < 8; i++)
        {
            var word = FirstWord(rest);
            if (word.IsEmpty) return false;
            var after = rest[word.Length..].TrimStart();
            if (keywords.TryGetValue(word, out var found) && !IsKeywordUsedAsModifier(word, after))
            {
                // A local variable is no definition worth finding.
                if (found == "value" && (indent > 0 || !after.Contains('='))) return false;
                if (after.StartsWith('(')) after = SkipReceiver(after);
                name = QualifiedName(after).ToString();
                kind = found;
                return name.Length > 1;
            }

            if (word.StartsWith("pub(") || modifiers.Contains(word) || word[0] is '@' or '[' or '<')
            {
                rest = after;
                continue;
            }

            return false;
        }

        return false;
    }

    /// <summary>Recognises <c>name = …</c> and <c>name: Type = …</c> at the margin.</summary>
    private static bool TryAssignment(ReadOnlySpan<char> text, out string name, out string kind)
    {
        name = kind = "";
        var word = FirstWord(text);
        var rest = text[word.Length..].TrimStart();
        if (word.IsEmpty || LastName(word).Length != word.Length) return false;
        if (!rest.StartsWith("= ") && !rest.StartsWith(":= ") && !(rest.StartsWith(": ") && rest.Contains('='))) return false;
        name = word.ToString();
        kind = "value";
        return true;
    }

    /// <summary><c>enum class X</c>, <c>const fn x</c>, <c>static class X</c>: the word before is only a modifier.</summary>
    private static bool IsKeywordUsedAsModifier(ReadOnlySpan<char> word, ReadOnlySpan<char> after)
    {
        var next = FirstWord(after);
        if (next.IsEmpty) return false;
        return Keywords.GetAlternateLookup<ReadOnlySpan<char>>().ContainsKey(next)
            || (word is "const" or "static" or "record" or "extension" or "union" or "package" or "type"
                && Modifiers.GetAlternateLookup<ReadOnlySpan<char>>().Contains(next));
    }

    /// <summary>Recognises <c>int name(…) {</c>, <c>name(…) {</c>, <c>a.name = function (…) {</c> and the like.</summary>
    private static bool TryBraces(ReadOnlySpan<char> text, ReadOnlySpan<char> next, out string name, out string kind)
    {
        name = "";
        kind = "function";
        var assigned = text.IndexOf("= function", StringComparison.Ordinal);
        if (assigned < 0) assigned = text.IndexOf("= async function", StringComparison.Ordinal);
        if (assigned > 0)
        {
            name = LastName(text[..assigned].TrimEnd()).ToString();
            return name.Length > 1;
        }

        var parenthesis = text.IndexOf('(');
        if (parenthesis < 2 || text[^1] is ';' or ':' || text.Contains('#')) return false;
        var opens = text[^1] == '{' || next.StartsWith('{');
        var continues = text[^1] is ',' or '(';
        var before = text[..parenthesis].TrimEnd();
        if (before.ContainsAny(ExpressionMarks) || (!opens && !(continues && before.Contains(' ')))) return false;

        var candidate = LastName(before);
        var first = FirstWord(before);
        var words = NoFunction.GetAlternateLookup<ReadOnlySpan<char>>();
        if (candidate.Length < 2 || words.Contains(candidate) || words.Contains(first)) return false;
        name = candidate.ToString();
        return true;
    }

    private static ReadOnlySpan<char> FirstWord(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(" \t");
        if (end < 0) end = text.Length;
        var word = text[..end];
        if (word.StartsWith("pub(") || (!word.IsEmpty && word[0] is '@' or '[')) return word;
        var stop = word.IndexOfAny(WordEnds);
        return stop > 0 ? word[..stop] : word;
    }

    /// <summary>Skips a Go receiver: <c>(c *Context) Next()</c>.</summary>
    private static ReadOnlySpan<char> SkipReceiver(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(')');
        return end < 0 ? default : text[(end + 1)..].TrimStart();
    }

    private static ReadOnlySpan<char> QualifiedName(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("&") || text.StartsWith("*")) text = text[1..];
        var length = 0;
        while (length < text.Length && (Tokens.Identifiers.IsPartOfName(text[length]) || text[length] is '.' or ':' or '\\'))
            length++;
        return text[..length].TrimEnd(".:");
    }

    private static ReadOnlySpan<char> LastName(ReadOnlySpan<char> text)
    {
        var start = text.Length;
        while (start > 0 && Tokens.Identifiers.IsPartOfName(text[start - 1])) start--;
        return text[start..];
    }

    private static FrozenDictionary<string, string> Kinds(params (string Kind, string Words)[] kinds)
        => kinds.SelectMany(k => k.Words.Split(' ').Select(w => KeyValuePair.Create(w, k.Kind)))
            .ToFrozenDictionary(StringComparer.Ordinal);

    private static FrozenSet<string> Words(string words)
        => words.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
