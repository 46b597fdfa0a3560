namespace OnCell.Guest.Protocol;

/// <summary>What an entry of a folder is. The values are those of the host's <c>SandboxFileKind</c>.</summary>
internal enum EntryKind : byte
{
    File = 0,
    Folder = 1,
    Link = 2,
    Other = 3,
}

/// <summary>One entry of a folder.</summary>
internal sealed record FileEntry(string Name, EntryKind Kind, long Length, long ModifiedUnixMilliseconds, int Mode)
{
    public void Write(WireWriter writer)
    {
        writer.String(Name);
        writer.Byte((byte)Kind);
        writer.Int64(Length);
        writer.Int64(ModifiedUnixMilliseconds);
        writer.Int32(Mode);
    }

    public static FileEntry ReadFrom(ref WireReader reader)
    {
        var entry = new FileEntry(
            reader.String(), (EntryKind)reader.Byte(), reader.Int64(), reader.Int64(), reader.Int32());
        if (entry.Kind > EntryKind.Other || entry.Length < 0)
            throw new ProtocolException("a folder's entry is not one of those known");
        return entry;
    }
}
