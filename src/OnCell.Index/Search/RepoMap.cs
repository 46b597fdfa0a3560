namespace OnCell.Indexing;

/// <summary>A map of a repository, to be read by a model.</summary>
/// <param name="Text">The files, most relied upon first, each with lines of <c>line: kind name</c>.</param>
/// <param name="Files">How many files it shows.</param>
/// <param name="Symbols">How many definitions it shows.</param>
/// <param name="Tokens">About how many tokens it takes, at four characters each.</param>
public sealed record RepoMap(string Text, int Files, int Symbols, int Tokens);
