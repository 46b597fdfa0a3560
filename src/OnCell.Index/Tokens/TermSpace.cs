namespace OnCell.Indexing.Tokens;

/// <summary>What a posting says about its term; the same word in two spaces is two terms.</summary>
internal enum TermSpace : byte
{
    /// <summary>An identifier or word as a whole, in lower case and without underscores.</summary>
    Word = 1,

    /// <summary>The stem of a part of an identifier.</summary>
    Part,

    /// <summary>A name that is defined in the chunk, as a whole.</summary>
    DefinedWord,

    /// <summary>The stem of a part of a defined name.</summary>
    DefinedPart,

    /// <summary>The file's name without its extension, as a whole.</summary>
    FileWord,

    /// <summary>The stem of a part of the file's name.</summary>
    FilePart,

    /// <summary>The stem of a part of the names of the last three folders.</summary>
    FolderPart,
}
