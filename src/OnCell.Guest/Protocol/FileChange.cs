namespace OnCell.Guest.Protocol;

/// <summary>What happened to an entry. The values are those of the host's <c>SandboxFileChangeKind</c>.</summary>
internal enum ChangeKind : byte
{
    Created = 0,
    Changed = 1,
    Removed = 2,

    /// <summary>Changes were lost: look at everything again.</summary>
    Overflow = 3,
}

/// <summary>A change below a watched folder.</summary>
internal readonly record struct FileChange(ChangeKind Kind, string Path)
{
    public void Write(WireWriter writer)
    {
        writer.Byte((byte)Kind);
        writer.String(Path);
    }

    public static FileChange ReadFrom(ref WireReader reader)
    {
        var change = new FileChange((ChangeKind)reader.Byte(), reader.String());
        return change.Kind <= ChangeKind.Overflow
            ? change
            : throw new ProtocolException("a change of a file is not one of those known");
    }
}
