using OnCell.Guest.Files;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Control;

/// <summary>Counts the processes of the cell, whoever started them, but for the guest.</summary>
internal static class ProcessCount
{
    public static void Answer(Call call)
    {
        var writer = new WireWriter(sizeof(int));
        writer.Int32(FileTree.Names("/proc").Count(name => name.All(char.IsAsciiDigit)) - 1);
        call.Complete(writer.Written);
    }
}
