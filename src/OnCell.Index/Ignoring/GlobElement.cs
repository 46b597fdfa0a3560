namespace OnCell.Indexing.Ignoring;

/// <summary>What one element of a compiled glob matches.</summary>
internal enum GlobElementKind : byte
{
    /// <summary>Exactly one given byte.</summary>
    Literal,

    /// <summary>Any one byte but a slash: <c>?</c>.</summary>
    One,

    /// <summary>One byte of a set, never a slash: <c>[a-z]</c>.</summary>
    Set,

    /// <summary>Any run without a slash: <c>*</c>.</summary>
    Star,

    /// <summary>Any run: <c>**</c> at the end.</summary>
    Any,

    /// <summary>Nothing, or any run that ends in a slash: <c>**/</c>.</summary>
    Folders,
}

internal readonly record struct GlobElement(GlobElementKind Kind, byte Literal, ByteSet Set);
