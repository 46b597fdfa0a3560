namespace OnCell.Indexing.Chunking;

/// <summary>Cuts a file into chunks.</summary>
internal interface IChunker
{
    /// <summary>Cuts a text; the chunks cover every line that is not blank, in order and without overlap.</summary>
    /// <param name="lines">The text.</param>
    /// <param name="definitionLines">The lines with a definition, ascending.</param>
    List<Chunk> Cut(SourceLines lines, IReadOnlyCollection<int> definitionLines);
}
