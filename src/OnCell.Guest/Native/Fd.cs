using System.Runtime.InteropServices;

namespace OnCell.Guest.Native;

/// <summary>One owned file descriptor.</summary>
/// <remarks>No finalizer: every owner disposes, and a descriptor closed behind a system call's back is worse than a leak.</remarks>
internal sealed unsafe class Fd(int number) : IDisposable
{
    private int _number = number;

    public int Number => _number;

    /// <summary>Reads what is there; 0 at the end.</summary>
    public int Read(Span<byte> buffer)
    {
        var count = TryRead(buffer);
        return count >= 0 ? count : throw new ErrnoException(-count, "read");
    }

    /// <summary>Reads what is there; 0 at the end, or minus an error number such as <see cref="Errno.EAGAIN"/>.</summary>
    public int TryRead(Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                var count = Libc.read(_number, pointer, (nuint)buffer.Length);
                if (count >= 0)
                    return (int)count;
                var error = Marshal.GetLastPInvokeError();
                if (error != Errno.EINTR)
                    return -error;
            }
        }
    }

    /// <summary>Reads from a place; fewer bytes than asked for only at the end of the file.</summary>
    public int ReadAt(Span<byte> buffer, long offset)
    {
        fixed (byte* pointer = buffer)
        {
            var done = 0;
            while (done < buffer.Length)
            {
                var count = Libc.pread(_number, pointer + done, (nuint)(buffer.Length - done), offset + done);
                if (count == 0)
                    break;
                if (count > 0)
                    done += (int)count;
                else if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                    throw ErrnoException.Last("read");
            }
            return done;
        }
    }

    public void Write(ReadOnlySpan<byte> data)
    {
        fixed (byte* pointer = data)
        {
            var done = 0;
            while (done < data.Length)
            {
                var count = Libc.write(_number, pointer + done, (nuint)(data.Length - done));
                if (count >= 0)
                    done += (int)count;
                else if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                    throw ErrnoException.Last("write");
            }
        }
    }

    /// <summary>Writes what fits; or minus an error number such as <see cref="Errno.EAGAIN"/>.</summary>
    public int TryWrite(ReadOnlySpan<byte> data)
    {
        fixed (byte* pointer = data)
        {
            while (true)
            {
                var count = Libc.write(_number, pointer, (nuint)data.Length);
                if (count >= 0)
                    return (int)count;
                var error = Marshal.GetLastPInvokeError();
                if (error != Errno.EINTR)
                    return -error;
            }
        }
    }

    public void WriteAt(ReadOnlySpan<byte> data, long offset)
    {
        fixed (byte* pointer = data)
        {
            var done = 0;
            while (done < data.Length)
            {
                var count = Libc.pwrite(_number, pointer + done, (nuint)(data.Length - done), offset + done);
                if (count >= 0)
                    done += (int)count;
                else if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                    throw ErrnoException.Last("write");
            }
        }
    }

    /// <summary>Writes two pieces as one, so that a frame costs one system call.</summary>
    public void Write(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* a = first)
        fixed (byte* b = second)
        {
            var vectors = stackalloc IoVector[2];
            while (true)
            {
                vectors[0] = new IoVector { Base = a, Length = (nuint)first.Length };
                vectors[1] = new IoVector { Base = b, Length = (nuint)second.Length };
                var count = (int)Libc.writev(_number, vectors, 2);
                if (count >= 0)
                {
                    if (count < first.Length)
                        Write(first[count..]);
                    Write(second[Math.Max(0, count - first.Length)..]);
                    return;
                }
                if (Marshal.GetLastPInvokeError() != Errno.EINTR)
                    throw ErrnoException.Last("write");
            }
        }
    }

    /// <summary>Makes what was written survive a loss of power.</summary>
    public void Sync()
    {
        if (Libc.fsync(_number) != 0)
            throw ErrnoException.Last("fsync");
    }

    public Fd Duplicate()
    {
        var number = Libc.fcntl(_number, Linux.DuplicateCloseOnExec, 3);
        return number >= 0 ? new Fd(number) : throw ErrnoException.Last("dup");
    }

    public void SetNonBlocking() => Libc.fcntl(_number, Linux.SetFlags, Linux.OpenNonBlocking);

    public void Dispose()
    {
        var number = Interlocked.Exchange(ref _number, -1);
        if (number >= 0)
            _ = Libc.close(number);
    }
}
