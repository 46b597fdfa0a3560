using System.Runtime.InteropServices;

namespace OnCell.Indexing.Tokens;

/// <summary>Counts the terms of one chunk.</summary>
internal sealed class TermCounter
{
    private readonly Dictionary<ulong, int> _counts = [];

    /// <summary>Gets how many words were added: the chunk's length for ranking.</summary>
    public int Length { get; private set; }

    /// <summary>Adds every identifier of the text, whole and in parts.</summary>
    public void AddText(ReadOnlySpan<char> text)
    {
        var position = 0;
        while (Identifiers.TryNext(text, ref position, out var identifier))
            Length += Add(TermSpace.Word, TermSpace.Part, identifier);
    }

    /// <summary>Adds a defined name, which may be qualified: <c>Plug.Conn</c>.</summary>
    public void AddDefinition(ReadOnlySpan<char> name)
    {
        var position = 0;
        while (Identifiers.TryNext(name, ref position, out var identifier, shortest: 1))
            Add(TermSpace.DefinedWord, TermSpace.DefinedPart, identifier);
    }

    /// <summary>Adds names that are handed on: whoever asks for exactly them may mean this place.</summary>
    public void AddExports(ReadOnlySpan<char> names)
    {
        var position = 0;
        while (Identifiers.TryNext(names, ref position, out var identifier))
            Count(Term.Whole(TermSpace.DefinedWord, identifier));
    }

    /// <summary>Adds the file's name and its last three folders.</summary>
    public void AddPath(string path)
    {
        var name = FileName.Of(path);
        var position = 0;
        while (Identifiers.TryNext(name.Stem, ref position, out var identifier, shortest: 1))
            AddParts(TermSpace.FilePart, identifier);
        Count(Term.Whole(TermSpace.FileWord, name.Compact));

        foreach (var folder in name.Folders)
        {
            position = 0;
            while (Identifiers.TryNext(folder, ref position, out var identifier))
                AddParts(TermSpace.FolderPart, identifier);
        }
    }

    /// <summary>Returns the counted terms and starts afresh.</summary>
    public KeyValuePair<ulong, int>[] Take(out int length)
    {
        length = Length;
        var terms = new KeyValuePair<ulong, int>[_counts.Count];
        ((ICollection<KeyValuePair<ulong, int>>)_counts).CopyTo(terms, 0);
        _counts.Clear();
        Length = 0;
        return terms;
    }

    private int Add(TermSpace whole, TermSpace part, ReadOnlySpan<char> identifier)
    {
        Count(Term.Whole(whole, identifier));
        return AddParts(part, identifier);
    }

    private int AddParts(TermSpace space, ReadOnlySpan<char> identifier)
    {
        var parts = 0;
        var position = 0;
        while (Identifiers.TryNextPart(identifier, ref position, out var part))
        {
            if (part.Length < 2) continue;
            Count(Term.Stem(space, part));
            parts++;
        }

        return parts;
    }

    private void Count(ulong term) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, term, out _)++;
}
