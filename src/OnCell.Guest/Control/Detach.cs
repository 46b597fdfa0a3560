using OnCell.Guest.Egress;
using OnCell.Guest.Exec;
using OnCell.Guest.Ports;
using OnCell.Guest.Protocol;
using OnCell.Guest.Native;

namespace OnCell.Guest.Control;

/// <summary>Closes every connection to the host: gVisor cannot checkpoint a sandbox that holds one.</summary>
/// <remarks>Refused while one is in use, since closing it would break what goes on. The guest dials again by itself.</remarks>
internal sealed class Detach(ExecService exec, PortService ports, EgressRelay egress)
{
    public void Run(Call call)
    {
        if (exec.UnkeyedRunning > 0)
            throw Busy($"{exec.UnkeyedRunning} commands without a key run");
        if (ports.Open > 0)
            throw Busy($"{ports.Open} connections to ports are open");
        if (egress.TryHold() is > 0 and var open)
            throw Busy($"{open} connections to the network are open");
        call.CompleteAndClose();
    }

    private static InvalidRequestException Busy(string why) => new(why, ErrorCode.Busy);
}
