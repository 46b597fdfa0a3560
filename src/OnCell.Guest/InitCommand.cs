using OnCell.Guest.Control;
using OnCell.Guest.Egress;
using OnCell.Guest.Exec;
using OnCell.Guest.Files;
using OnCell.Guest.Native;
using OnCell.Guest.Protocol;
using OnCell.Guest.Threading;

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

        var pool = new WorkerPool(MaxJobs);
        var reaper = new Reaper();
        var exec = new ExecService(new ExecRecords(options.StateFolder, options.KeptOutputBytes), reaper, pool);
        var dispatcher = new CallDispatcher(exec, new FileService(options.WorkFolder), new Shutdown(exec, reaper), pool);
        reaper.Start();
        StartEgress(options);

        var hello = new HelloMessage(ProtocolConstants.Version, Guid.NewGuid(), Release.Version);
        new ControlLink(options.ControlSocket, hello, dispatcher.Dispatch).Run();
    }

    private static void StartEgress(InitOptions options)
    {
        try
        {
            new EgressRelay(options.EgressPort, options.EgressSocket).Start();
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
