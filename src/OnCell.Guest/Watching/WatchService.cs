using OnCell.Guest.Control;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Watching;

/// <summary>Tells a caller what changes below a folder, until the caller goes away.</summary>
/// <remarks>In the cell, since changes made inside a sandbox are seen inside only.</remarks>
internal sealed unsafe class WatchService(string workFolder)
{
    public void Watch(Call call)
    {
        using var watch = new FolderWatch(Path.Combine(workFolder, new WireReader(call.Request).String()));
        using var wake = new EventFd();
        call.Observe(wake.Set);
        call.SendEvent(CallEvent.Opened, []);
        var items = stackalloc PollItem[2];
        var writer = new WireWriter();
        while (!call.Cancelled)
        {
            items[0] = new PollItem { Fd = watch.Number, Events = Linux.PollIn };
            items[1] = new PollItem { Fd = wake.Number, Events = Linux.PollIn };
            if (Libc.poll(items, 2, -1) <= 0)
                continue;
            wake.Clear();
            foreach (var change in watch.Read())
            {
                change.Write(writer);
                if (writer.Length > ProtocolConstants.MaxData / 2)
                    Flush(call, writer);
            }
            Flush(call, writer);
        }
    }

    private static void Flush(Call call, WireWriter writer)
    {
        if (writer.Length > 0)
            call.SendData(OutputStream.Stdout, writer.Written);
        writer.Clear();
    }
}
