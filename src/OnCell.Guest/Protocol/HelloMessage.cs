namespace OnCell.Guest.Protocol;

/// <summary>The guest's first words.</summary>
/// <param name="Version">The protocol version.</param>
/// <param name="BootId">Random, the same for the life of one guest process: tells a re-dial from a reboot.</param>
/// <param name="Release">The guest's release, for messages to people.</param>
internal sealed record HelloMessage(ushort Version, Guid BootId, string Release)
{
    private const int MaxReleaseLength = 64;

    public void Write(WireWriter writer)
    {
        writer.UInt32(ProtocolConstants.Magic);
        writer.UInt16(Version);
        Span<byte> id = stackalloc byte[16];
        BootId.TryWriteBytes(id);
        writer.Bytes(id);
        writer.String(Release);
    }

    /// <summary>Reads the fields that every version has in common; what newer guests append is ignored.</summary>
    public static HelloMessage Read(ReadOnlySpan<byte> payload)
    {
        var reader = new WireReader(payload);
        if (reader.UInt32() != ProtocolConstants.Magic)
            throw new ProtocolException("the first bytes are not those of a guest");
        var version = reader.UInt16();
        var id = reader.Bytes();
        if (id.Length != 16)
            throw new ProtocolException($"a boot id has {id.Length} bytes instead of 16");
        var release = reader.String();
        if (release.Length > MaxReleaseLength || !release.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+'))
            throw new ProtocolException("a release is not one that can be printed");
        return new HelloMessage(version, new Guid(id), release);
    }
}
