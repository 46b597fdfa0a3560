using System.Runtime.InteropServices;
using System.Text;

namespace OnCell.Guest.Native;

/// <summary>A list of texts as C wants it, for the length of a call. One block: the pointers, a null pointer, then the texts.</summary>
internal readonly unsafe ref struct CStringList
{
    private readonly byte** _block;

    public CStringList(IReadOnlyList<string> texts)
    {
        var pointers = (nuint)(texts.Count + 1) * (nuint)sizeof(byte*);
        var size = pointers;
        foreach (var text in texts)
        {
            if (text.Contains('\0'))
                throw new InvalidRequestException("a text contains a zero byte");
            size += (nuint)Encoding.UTF8.GetByteCount(text) + 1;
        }

        _block = (byte**)NativeMemory.Alloc(size);
        var next = (byte*)_block + pointers;
        var end = (byte*)_block + size;
        for (var i = 0; i < texts.Count; i++)
        {
            _block[i] = next;
            next += Encoding.UTF8.GetBytes(texts[i], new Span<byte>(next, (int)(end - next)));
            *next++ = 0;
        }

        _block[texts.Count] = null;
    }

    public static implicit operator byte**(CStringList list) => list._block;

    public void Dispose() => NativeMemory.Free(_block);
}
