using OnCell.Guest.Control;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Exec;

/// <summary>A command's standard input: a file in memory, whole before the command starts.</summary>
/// <remarks>So a caller that dies while it sends cannot leave a keyed command with half of its input.</remarks>
internal static unsafe class StandardInput
{
    public static Fd? Receive(Call call, long length)
    {
        if (length == 0)
            return null;
        if (length is < 0 or > ProtocolConstants.MaxStandardInput)
            throw new InvalidRequestException(
                $"standard input has {length} bytes; at most {ProtocolConstants.MaxStandardInput} are possible",
                ErrorCode.TooLarge);
        using var name = new CString("stdin");
        var number = Libc.memfd_create(name, Linux.MemoryFileCloseOnExec);
        if (number < 0)
            throw ErrnoException.Last("memfd_create");
        var file = new Fd(number);
        try
        {
            var received = 0L;
            while (received < length && call.ReadData() is { } data)
            {
                using (data)
                    file.Write(data.Span);
                received += data.Length;
            }
            if (received != length)
                throw new InvalidRequestException($"standard input ended after {received} of {length} bytes");
            _ = Libc.lseek(number, 0, 0);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
