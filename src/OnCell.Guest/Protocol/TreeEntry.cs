namespace OnCell.Guest.Protocol;

/// <summary>What an entry of a carried tree is.</summary>
internal enum TreeKind : byte
{
    /// <summary>A file; its content follows.</summary>
    File = 0,
    Folder = 1,

    /// <summary>A symbolic link to <see cref="TreeEntry.Target"/>.</summary>
    Link = 2,

    /// <summary>A second name of the file <see cref="TreeEntry.Target"/> of the same tree.</summary>
    HardLink = 3,
}

/// <summary>One entry of a tree that is carried in or out of the sandbox.</summary>
/// <remarks>In the stream of data each is a 32-bit length, the entry, and its content of <see cref="Length"/> bytes.</remarks>
/// <param name="Path">Relative to the folder that is carried.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Target">Where a link points.</param>
/// <param name="Length">The bytes of content that follow.</param>
/// <param name="ModifiedUnixSeconds">When it was last changed.</param>
/// <param name="Mode">Its permissions, the lower nine bits.</param>
internal sealed record TreeEntry(string Path, TreeKind Kind, string Target, long Length, long ModifiedUnixSeconds, int Mode)
{
    /// <summary>The largest encoding: two paths and the numbers.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int MaxDepth = 200;
    private const int MaxNameBytes = 255;

    /// <summary>Writes the length and the entry.</summary>
    public void Write(WireWriter writer)
    {
        writer.Int32(4 + Bytes(Path) + 1 + 4 + Bytes(Target) + 8 + 8 + 4);
        writer.String(Path);
        writer.Byte((byte)Kind);
        writer.String(Target);
        writer.Int64(Length);
        writer.Int64(ModifiedUnixSeconds);
        writer.Int32(Mode);
    }

    /// <summary>Reads an entry after its length.</summary>
    /// <exception cref="ProtocolException">It is none.</exception>
    public static TreeEntry ReadFrom(ref WireReader reader)
    {
        var entry = new TreeEntry(reader.String(), (TreeKind)reader.Byte(), reader.String(), reader.Int64(), reader.Int64(), reader.Int32() & 0x1FF);
        if (entry.Kind > TreeKind.HardLink || entry.Length < 0 || (entry.Kind != TreeKind.File && entry.Length > 0))
            throw new ProtocolException("a tree's entry is not one of those known");
        if (Names(entry.Path) is null || (entry.Kind == TreeKind.HardLink && Names(entry.Target) is null))
            throw new ProtocolException("a tree's entry has a path that leads out of it");
        return entry;
    }

    /// <summary>Splits a path into its names; <see langword="null"/> where it is empty, absolute, too long, or leads anywhere but down.</summary>
    public static string[]? Names(string path)
    {
        var names = path.Split('/');
        return names.Length <= MaxDepth && !path.Contains('\0') && Array.TrueForAll(names, name => name is not ("" or "." or "..") && Bytes(name) <= MaxNameBytes)
            ? names
            : null;
    }

    private static int Bytes(string text) => System.Text.Encoding.UTF8.GetByteCount(text);
}
