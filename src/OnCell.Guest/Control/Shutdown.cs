using OnCell.Guest.Exec;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Control;

/// <summary>Ends the cell in good order: processes asked, then killed, files synced, the caller told, the guest gone.</summary>
internal sealed class Shutdown(ExecService exec, Reaper reaper)
{
    private const int PollMilliseconds = 5;

    public void Run(Call call)
    {
        var graceMilliseconds = new WireReader(call.Request).Int32();
        exec.Stop();
        reaper.SignalAll(Linux.SignalTerminate);
        for (var waited = 0; waited < graceMilliseconds && reaper.HasChildren; waited += PollMilliseconds)
            Thread.Sleep(PollMilliseconds);
        reaper.SignalAll(Linux.SignalKill);
        Libc.sync();
        call.Complete([]);
        Libc._exit(0);
    }
}
