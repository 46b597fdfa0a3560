namespace OnCell.Sandboxes.Images.Archives;

/// <summary>What an entry of a tar archive is.</summary>
internal enum TarKind
{
    File,
    Folder,
    SymbolicLink,
    HardLink,
    Device,
    Fifo,
}

/// <summary>One entry of a tar archive.</summary>
/// <param name="Name">Its path as written, not to be trusted.</param>
/// <param name="Kind">What it is.</param>
/// <param name="LinkName">Where it points, for links; not to be trusted either.</param>
/// <param name="Mode">Its permissions, the lower twelve bits.</param>
/// <param name="User">Its owner.</param>
/// <param name="Group">Its group.</param>
/// <param name="Modified">Its time, in seconds since 1970.</param>
/// <param name="Size">The bytes that follow.</param>
internal sealed record TarItem(string Name, TarKind Kind, string LinkName, int Mode, uint User, uint Group, long Modified, long Size);
