using OnCell.Guest.Control;
using OnCell.Guest.Native;

namespace OnCell.Guest.Exec;

/// <summary>Passes a caller's typing on to a running command.</summary>
internal static unsafe class InputPump
{
    private const int RecheckMilliseconds = 200;
    private const byte EndOfTransmission = 4;

    /// <summary>Runs until the caller ends the input or the call is over.</summary>
    public static void Run(Call call, Fd input, bool isTerminal)
    {
        using (input)
        {
            try
            {
                while (call.ReadData() is { } data)
                {
                    using (data)
                        Write(call, input, data.Span);
                }
                if (isTerminal)
                    Write(call, input, [EndOfTransmission]);
            }
            catch (InvalidRequestException)
            {
                // The call is over; so is its input.
            }
        }
    }

    /// <summary>Writes without getting stuck on a command that does not read and then ends. What it refuses is dropped.</summary>
    private static void Write(Call call, Fd input, ReadOnlySpan<byte> data)
    {
        var item = new PollItem { Fd = input.Number, Events = Linux.PollOut };
        while (!data.IsEmpty && !call.Over)
        {
            var count = input.TryWrite(data);
            if (count == -Errno.EAGAIN)
                _ = Libc.poll(&item, 1, RecheckMilliseconds);
            else if (count < 0)
                return;
            else
                data = data[count..];
        }
    }
}
