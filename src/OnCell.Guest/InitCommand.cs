using OnCell.Guest.Control;
using OnCell.Guest.Egress;
using OnCell.Guest.Exec;
using OnCell.Guest.Files;
using OnCell.Guest.Native;
using OnCell.Guest.Ports;
using OnCell.Guest.Protocol;
using OnCell.Guest.Threading;
using OnCell.Guest.Watching;

namespace OnCell.Guest;

/// <summary>The <c>init</c> mode: process 1 of a cell.</summary>
internal static class InitCommand
{
    private const int MaxJobs = 2 * ProtocolConstants.MaxCalls;

    public static void Run(InitOptions options)
    {
        ReserveStandardDescriptors();
        _ = Libc.signal(Linux.SignalPipe, 1); // Ignored: a broken pipe is an error of one write, not the end of the cell.
        _ = Libc.prctl(Linux.SetChildSubreaper, 1, 0, 0, 0);
        _ = Libc.mallopt(Linux.MallocArenas, 1); // A heap for each thread would cost four system calls in every thread's start.

        var link = new ControlLink(options.ControlSocket, new HelloMessage(ProtocolConstants.Version, Guid.NewGuid(), Release.Version));
        var records = new ExecRecords(options.StateFolder, options.KeptOutputBytes);
        link.Announce();

        var pool = new WorkerPool(MaxJobs);
        var reaper = new Reaper();
        var exec = new ExecService(records, reaper, pool);
        var ports = new PortService(pool);
        var egress = new EgressRelay(options.EgressPort, options.EgressSocket);
        var dispatcher = new CallDispatcher(
            exec, new FileService(options.WorkFolder), new WatchService(options.WorkFolder), ports,
            new Shutdown(exec, reaper), new Detach(exec, ports, egress), pool);
        reaper.Start();
        Start(egress);
        link.Run(dispatcher.Dispatch, egress.Release);
    }

    private static void Start(EgressRelay egress)
    {
        try
        {
            egress.Start();
        }
        catch (ErrnoException e)
        {
            // A cell without a way out is of use still, and a safe one.
            Log.Error("no egress", e);
        }
    }

    /// <summary>Has 0, 1 and 2 taken, or a pipe would get one of them and a child's redirection would overwrite another.</summary>
    private static void ReserveStandardDescriptors()
    {
        while (true)
        {
            var fd = FileSystem.Open("/dev/null", Linux.OpenReadWrite);
            if (fd.Number <= 2)
                continue;
            fd.Dispose();
            return;
        }
    }
}
