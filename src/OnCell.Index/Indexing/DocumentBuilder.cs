using System.IO.Hashing;
using System.Text;
using OnCell.Indexing.Chunking;
using OnCell.Indexing.Languages;
using OnCell.Indexing.Scanning;
using OnCell.Indexing.Storage;
using OnCell.Indexing.Tokens;

namespace OnCell.Indexing;

/// <summary>Turns the bytes of a file into a document.</summary>
internal sealed class DocumentBuilder(IChunker chunker)
{
    private const int SniffedBytes = 8_192;
    private const int MinifiedLineLength = 400;
    private const int MaxContentLength = 16_384;
    private const int MaxDefinitionsPerFile = 5_000;

    private readonly TermCounter _terms = new();

    /// <summary>Builds a document.</summary>
    /// <param name="path">The file, relative to the root.</param>
    /// <param name="stamp">Its stamp.</param>
    /// <param name="bytes">Its content.</param>
    /// <param name="skipped">Why it is not indexed, one of <see cref="SkipReason"/>.</param>
    public FileDocument? Build(string path, FileStamp stamp, ReadOnlySpan<byte> bytes, out string? skipped)
    {
        skipped = null;
        if (IsBinary(bytes))
        {
            skipped = SkipReason.Binary;
            return null;
        }

        var lines = new SourceLines(Decode(bytes));
        if (lines.Text.Length > SniffedBytes && lines.Text.Length / lines.Count > MinifiedLineLength)
        {
            skipped = SkipReason.Minified;
            return null;
        }

        var definitions = FindDefinitions(lines, LanguageCatalog.Of(path).Style);
        var chunks = new List<ChunkDocument>();
        foreach (var chunk in chunker.Cut(lines, definitions.Keys)) chunks.Add(BuildChunk(path, lines, chunk, definitions));
        var signatures = new byte[chunks.Count * TrigramSignature.Bytes];
        for (var i = 0; i < chunks.Count; i++)
            TrigramSignature.Add(chunks[i].Content, signatures.AsSpan(i * TrigramSignature.Bytes, TrigramSignature.Bytes));
        return new FileDocument(path, stamp, Hash(bytes), lines.Count, bytes.Length, chunks, signatures);
    }

    /// <summary>Hashes content for change detection.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> bytes) => XxHash128.Hash(bytes);

    private ChunkDocument BuildChunk(
        string path, SourceLines lines, Chunk chunk, Dictionary<int, Definition> definitions)
    {
        var content = lines.Text.AsSpan(chunk.Start, Math.Min(chunk.Length, MaxContentLength)).TrimEnd("\r\n");
        var defined = new List<Definition>();
        for (var line = chunk.StartLine; line <= chunk.EndLine; line++)
        {
            if (!definitions.TryGetValue(line, out var definition)) continue;
            defined.Add(definition);
            if (definition.Kind == Definition.Export) _terms.AddExports(definition.Name);
            else _terms.AddDefinition(definition.Name);
        }

        _terms.AddText(content);
        _terms.AddPath(path);
        var terms = _terms.Take(out var length);
        return new ChunkDocument(chunk.StartLine + 1, chunk.EndLine + 1, content.ToString(), length, terms, defined);
    }

    private static Dictionary<int, Definition> FindDefinitions(SourceLines lines, DefinitionStyle style)
    {
        var found = new Dictionary<int, Definition>();
        if (style == DefinitionStyle.None) return found;
        for (var line = 0; line < lines.Count && found.Count < MaxDefinitionsPerFile; line++)
        {
            if (ExportFinder.TryFind(lines, line, out var exported, out var last))
            {
                found.Add(line, new Definition(exported, Definition.Export, line));
                line = last;
            }
            else if (DefinitionFinder.TryFind(lines[line], lines[line + 1], style, out var name, out var kind))
            {
                found.Add(line, new Definition(name, kind, line));
            }
        }

        return found;
    }

    private static bool IsBinary(ReadOnlySpan<byte> bytes)
        => !HasUtf16Mark(bytes) && bytes[..Math.Min(bytes.Length, SniffedBytes)].Contains((byte)0);

    private static bool HasUtf16Mark(ReadOnlySpan<byte> bytes)
        => bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);

    /// <summary>Decodes text; what is broken becomes U+FFFD, which separates words.</summary>
    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (!HasUtf16Mark(bytes)) return Encoding.UTF8.GetString(bytes);
        var encoding = bytes[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode;
        return encoding.GetString(bytes[2..]);
    }
}
