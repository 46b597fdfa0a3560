using System.Runtime.InteropServices;
using System.Text;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Native;

/// <summary>A text as C wants it, for the length of a call.</summary>
internal readonly unsafe ref struct CString
{
    private readonly byte* _pointer;

    public CString(string text)
    {
        // A zero byte would silently cut the text short and name another file.
        if (text.Contains('\0'))
            throw new InvalidRequestException("a text contains a zero byte");
        var length = Encoding.UTF8.GetByteCount(text);
        _pointer = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(_pointer, length));
        _pointer[length] = 0;
    }

    public static implicit operator byte*(CString text) => text._pointer;

    public void Dispose() => NativeMemory.Free(_pointer);
}

/// <summary>The caller asked for something that cannot be.</summary>
internal sealed class InvalidRequestException(string message, ErrorCode code = ErrorCode.Invalid) : Exception(message)
{
    public ErrorCode Code { get; } = code;
}
