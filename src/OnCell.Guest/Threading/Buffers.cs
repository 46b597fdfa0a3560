using OnCell.Guest.Protocol;

namespace OnCell.Guest.Threading;

/// <summary>Large buffers, each held only while bytes move: a thousand commands that wait hold none.</summary>
internal static class Buffers
{
    private const int MaxKept = 8;

    private static readonly Stack<byte[]> Kept = new();

    public static byte[] Rent()
    {
        lock (Kept)
        {
            if (Kept.TryPop(out var buffer))
                return buffer;
        }
        return GC.AllocateUninitializedArray<byte>(ProtocolConstants.MaxData);
    }

    public static void Return(byte[] buffer)
    {
        lock (Kept)
        {
            if (Kept.Count < MaxKept)
                Kept.Push(buffer);
        }
    }
}
