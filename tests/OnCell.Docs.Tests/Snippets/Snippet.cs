namespace OnCell.Docs.Tests.Snippets;

/// <summary>A block of C# in the documentation.</summary>
/// <param name="File">Where it stands, from the repository's root.</param>
/// <param name="Line">The line of its fence.</param>
/// <param name="Code">What the reader sees.</param>
/// <param name="Before">What the text around it presupposes, from a comment before it: <c>&lt;!-- csharp: … --&gt;</c>.</param>
/// <param name="Info">The rest of the fence's line, after <c>csharp</c>.</param>
public sealed record Snippet(string File, int Line, string Code, string Before, string Info)
{
    private const string NotCompiled = "no-compile";

    /// <summary>Gets why it is not compiled, or <see langword="null"/> where it is.</summary>
    public string? NotCompiledBecause => Info.StartsWith(NotCompiled, StringComparison.Ordinal) ? Info[NotCompiled.Length..].Trim() : null;

    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}";
}
