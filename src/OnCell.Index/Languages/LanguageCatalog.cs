using System.Collections.Frozen;

namespace OnCell.Indexing.Languages;

/// <summary>Tells a file's language by its name.</summary>
internal static class LanguageCatalog
{
    public static Language Text { get; } = new("text", DefinitionStyle.None);

    private static readonly FrozenDictionary<string, Language> ByExtension = Build(
        (DefinitionStyle.Keyword, "python", "py pyi pyx"),
        (DefinitionStyle.Keyword, "ruby", "rb rake gemspec"),
        (DefinitionStyle.Keyword, "go", "go"),
        (DefinitionStyle.Keyword, "rust", "rs"),
        (DefinitionStyle.Keyword, "elixir", "ex exs"),
        (DefinitionStyle.Keyword, "erlang", "erl hrl"),
        (DefinitionStyle.Keyword, "haskell", "hs lhs"),
        (DefinitionStyle.Keyword, "ocaml", "ml mli"),
        (DefinitionStyle.Keyword, "fsharp", "fs fsi fsx"),
        (DefinitionStyle.Keyword, "clojure", "clj cljs cljc"),
        (DefinitionStyle.Keyword, "lua", "lua"),
        (DefinitionStyle.Keyword, "julia", "jl"),
        (DefinitionStyle.Keyword, "nim", "nim"),
        (DefinitionStyle.Keyword, "visualbasic", "vb"),
        (DefinitionStyle.Keyword, "zig", "zig"),
        (DefinitionStyle.Keyword, "sql", "sql"),
        (DefinitionStyle.Keyword, "protobuf", "proto"),
        (DefinitionStyle.Keyword, "graphql", "graphql gql"),
        (DefinitionStyle.KeywordOrBraces, "shell", "sh bash zsh"),
        (DefinitionStyle.KeywordOrBraces, "powershell", "ps1 psm1"),
        (DefinitionStyle.KeywordOrBraces, "javascript", "js jsx mjs cjs"),
        (DefinitionStyle.KeywordOrBraces, "typescript", "ts tsx mts cts"),
        (DefinitionStyle.KeywordOrBraces, "vue", "vue svelte"),
        (DefinitionStyle.KeywordOrBraces, "c", "c h"),
        (DefinitionStyle.KeywordOrBraces, "cpp", "cc cpp cxx hh hpp hxx inl ipp cu"),
        (DefinitionStyle.KeywordOrBraces, "objectivec", "m mm"),
        (DefinitionStyle.KeywordOrBraces, "csharp", "cs csx razor"),
        (DefinitionStyle.KeywordOrBraces, "java", "java"),
        (DefinitionStyle.KeywordOrBraces, "kotlin", "kt kts"),
        (DefinitionStyle.KeywordOrBraces, "scala", "scala sc"),
        (DefinitionStyle.KeywordOrBraces, "groovy", "groovy gradle"),
        (DefinitionStyle.KeywordOrBraces, "swift", "swift"),
        (DefinitionStyle.KeywordOrBraces, "dart", "dart"),
        (DefinitionStyle.KeywordOrBraces, "php", "php"),
        (DefinitionStyle.KeywordOrBraces, "perl", "pl pm"),
        (DefinitionStyle.KeywordOrBraces, "r", "r"),
        (DefinitionStyle.Headings, "markdown", "md mdx markdown"),
        (DefinitionStyle.None, "restructuredtext", "rst"),
        (DefinitionStyle.None, "json", "json jsonc json5"),
        (DefinitionStyle.None, "yaml", "yml yaml"),
        (DefinitionStyle.None, "toml", "toml"),
        (DefinitionStyle.None, "xml", "xml csproj props targets xaml svg"),
        (DefinitionStyle.None, "html", "html htm"),
        (DefinitionStyle.None, "css", "css scss sass less"));

    /// <summary>Returns the language of a path; <see cref="Text"/> where it is not known.</summary>
    public static Language Of(string path)
    {
        var extension = Path.GetExtension(path.AsSpan()).TrimStart('.');
        return ByExtension.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(extension, out var language)
            ? language
            : Text;
    }

    private static FrozenDictionary<string, Language> Build(
        params (DefinitionStyle Style, string Name, string Extensions)[] languages)
    {
        var map = new Dictionary<string, Language>(StringComparer.OrdinalIgnoreCase);
        foreach (var (style, name, extensions) in languages)
        {
            var language = new Language(name, style);
            foreach (var extension in extensions.Split(' ')) map.Add(extension, language);
        }

        return map.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
