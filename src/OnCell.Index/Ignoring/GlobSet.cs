using System.Text;

namespace OnCell.Indexing.Ignoring;

/// <summary>The globs by which a caller chooses files.</summary>
internal sealed class GlobSet
{
    private const int MaxLength = 1_024;
    private const int MaxAlternatives = 1_000;

    private readonly List<Glob> _wanted = [];
    private readonly List<Glob> _unwanted = [];

    private readonly record struct Glob(GlobElement[] Elements, bool OnName);

    /// <summary>Compiles globs.</summary>
    /// <exception cref="CodeIndexException">One cannot be parsed.</exception>
    public static GlobSet Parse(IReadOnlyList<string> globs)
    {
        var set = new GlobSet();
        foreach (var glob in globs) set.Add(glob);
        return set;
    }

    public bool IsMatch(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
        => (_wanted.Count == 0 || Any(_wanted, path, name)) && !Any(_unwanted, path, name);

    private static bool Any(List<Glob> globs, ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        foreach (var glob in globs)
        {
            if (GlobMatcher.IsMatch(glob.Elements, glob.OnName ? name : path)) return true;
        }

        return false;
    }

    private void Add(string glob)
    {
        if (string.IsNullOrWhiteSpace(glob)) throw Invalid(glob, "it is empty");
        if (glob.Length > MaxLength) throw Invalid(glob[..40] + "…", $"it is longer than {MaxLength} characters");

        var unwanted = glob[0] == '!';
        var body = unwanted ? glob[1..] : glob;
        if (body.StartsWith("./", StringComparison.Ordinal)) body = body[2..];
        if (body.StartsWith('/')) throw Invalid(glob, "it must be relative to the root; leave out the leading '/'");
        if (body.Split('/').Contains("..")) throw Invalid(glob, "'..' would leave the root");

        var alternatives = new List<string>();
        Expand(glob, body, alternatives);
        foreach (var alternative in alternatives)
        {
            var onName = !alternative.Contains('/');
            var elements = GlobCompiler.Compile(Encoding.UTF8.GetBytes(alternative), pathname: !onName)
                ?? throw Invalid(glob, "a '[' is not closed, or it ends in '\\'");
            (unwanted ? _unwanted : _wanted).Add(new Glob(elements, onName));
        }
    }

    /// <summary>Multiplies out <c>{a,b}</c>, which may nest.</summary>
    private static void Expand(string glob, string body, List<string> into)
    {
        var open = body.IndexOf('{');
        if (open < 0)
        {
            if (body.Contains('}')) throw Invalid(glob, "a '}' has no '{'");
            if (body.Length == 0) throw Invalid(glob, "it is empty");
            if (into.Count == MaxAlternatives) throw Invalid(glob, $"its braces make over {MaxAlternatives} globs");
            into.Add(body);
            return;
        }

        var depth = 0;
        var start = open + 1;
        var choices = new List<string>();
        for (var i = open; i < body.Length; i++)
        {
            if (body[i] == '{') depth++;
            else if (body[i] == '}') depth--;
            if (!(depth == 1 && body[i] == ',') && depth != 0) continue;

            choices.Add(body[start..i]);
            start = i + 1;
            if (depth != 0) continue;
            foreach (var choice in choices) Expand(glob, body[..open] + choice + body[(i + 1)..], into);
            return;
        }

        throw Invalid(glob, "a '{' is not closed");
    }

    private static CodeIndexException Invalid(string glob, string why) => new(
        CodeIndexError.InvalidGlob, $"The glob '{glob}' is not valid: {why}. A good one is '**/*.{{ts,py,go,md}}'.");
}
