using OnCell.Guest.Control;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;
using OnCell.Guest.Threading;

namespace OnCell.Guest.Ports;

/// <summary>Connects the host with servers that listen on the cell's loopback.</summary>
internal sealed class PortService(WorkerPool pool)
{
    private volatile int _open;

    public int Open => _open;

    /// <summary>Carries one connection: this thread into the cell, another out of it.</summary>
    public void Connect(Call call)
    {
        var port = new WireReader(call.Request).Int32();
        using var socket = Sockets.TryConnectLoopback(port)
            ?? throw new InvalidRequestException($"nothing listens on port {port} of the sandbox", ErrorCode.NotFound);
        using var outwardEnded = new ManualResetEventSlim();
        Interlocked.Increment(ref _open); // before the host hears that it is open
        try
        {
            if (!pool.TryRun(() => CarryOut(call, socket, outwardEnded)))
            {
                outwardEnded.Set();
                throw new InvalidRequestException("too many calls are open in the sandbox", ErrorCode.Busy);
            }
            while (call.ReadData() is { } data)
            {
                using (data)
                    socket.Write(data.Span);
            }
            _ = Libc.shutdown(socket.Number, Linux.ShutdownWrite);
        }
        catch (Exception e) when (e is ErrnoException or InvalidRequestException { Code: not ErrorCode.Busy })
        {
            // One side is gone; the other thread sees it by this.
            _ = Libc.shutdown(socket.Number, Linux.ShutdownBoth);
        }
        finally
        {
            outwardEnded.Wait();
            Interlocked.Decrement(ref _open);
        }
        call.Complete([]);
    }

    private static void CarryOut(Call call, Fd socket, ManualResetEventSlim ended)
    {
        var buffer = Buffers.Rent();
        try
        {
            var live = call.SendEvent(CallEvent.Opened, []);
            while (live && socket.TryRead(buffer) is > 0 and var count)
                live = call.SendData(OutputStream.Stdout, buffer.AsSpan(0, count));
            call.SendEvent(CallEvent.EndOfOutput, []);
        }
        finally
        {
            Buffers.Return(buffer);
            ended.Set();
        }
    }
}
