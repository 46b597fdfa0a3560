namespace OnCell.Indexing.Languages;

/// <summary>A name defined on a line.</summary>
/// <param name="Name">The name, qualified as written.</param>
/// <param name="Kind"><c>type</c>, <c>function</c>, <c>module</c>, <c>value</c>, <c>macro</c> <c>heading</c>, or <c>export</c> for
/// names that are defined elsewhere and handed on.</param>
/// <param name="Line">The line, counted from 0 in its file.</param>
internal readonly record struct Definition(string Name, string Kind, int Line)
{
    public const string Export = "export";
}
