using OnCell.Guest.Exec;
using OnCell.Guest.Files;
using OnCell.Guest.Native;
using OnCell.Guest.Ports;
using OnCell.Guest.Protocol;
using OnCell.Guest.Threading;
using OnCell.Guest.Watching;

namespace OnCell.Guest.Control;

/// <summary>Gives each call a thread and its failures words.</summary>
internal sealed class CallDispatcher(
    ExecService exec, FileService files, WatchService watch, PortService ports, Shutdown shutdown, Detach detach,
    WorkerPool pool)
{
    public void Dispatch(Call call)
    {
        if (!pool.TryRun(() => Answer(call)))
            call.Fail(ErrorCode.Busy, "too many calls are open in the sandbox");
    }

    private void Answer(Call call)
    {
        try
        {
            Handle(call);
        }
        catch (InvalidRequestException e)
        {
            call.Fail(e.Code, e.Message);
        }
        catch (ErrnoException e)
        {
            call.Fail(e.Code, e.Message);
        }
        catch (ProtocolException e)
        {
            call.Fail(ErrorCode.Invalid, e.Message);
        }
        catch (Exception e)
        {
            Log.Error($"{call.Method} failed", e);
            call.Fail(ErrorCode.Internal, $"{e.GetType().Name}: {e.Message}");
        }
    }

    private void Handle(Call call)
    {
        switch (call.Method)
        {
            case Method.Exec:
                exec.Exec(call);
                break;
            case Method.ExecFind:
                exec.Find(call);
                break;
            case Method.ExecForget:
                exec.Forget(call);
                break;
            case Method.ExecList:
                exec.List(call);
                break;
            case Method.FileRead:
                files.Read(call);
                break;
            case Method.FileWrite:
                files.Write(call);
                break;
            case Method.FileList:
                files.List(call);
                break;
            case Method.FileStat:
                files.Stat(call);
                break;
            case Method.FileMove:
                files.Move(call);
                break;
            case Method.FileRemove:
                files.Remove(call);
                break;
            case Method.FileExport:
                files.Export(call);
                break;
            case Method.FileImport:
                files.Import(call);
                break;
            case Method.FileWatch:
                watch.Watch(call);
                break;
            case Method.PortConnect:
                ports.Connect(call);
                break;
            case Method.Detach:
                detach.Run(call);
                break;
            case Method.ProcessCount:
                ProcessCount.Answer(call);
                break;
            case Method.Shutdown:
                shutdown.Run(call);
                break;
            default:
                throw new InvalidRequestException($"this guest knows no method {(byte)call.Method}");
        }
    }
}
