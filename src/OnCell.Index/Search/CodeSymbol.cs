namespace OnCell.Indexing;

/// <summary>A definition in the indexed code.</summary>
/// <param name="Name">The name, qualified as written.</param>
/// <param name="Kind"><c>type</c>, <c>function</c>, <c>module</c>, <c>value</c>, <c>macro</c> or <c>heading</c>.</param>
/// <param name="Path">The file, relative to the indexed root.</param>
/// <param name="Line">The line, counted from 1.</param>
public sealed record CodeSymbol(string Name, string Kind, string Path, int Line);
