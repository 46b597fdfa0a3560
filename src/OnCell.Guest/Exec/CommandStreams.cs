using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Exec;

/// <summary>What connects a command with the guest: pipes, or a terminal.</summary>
internal sealed unsafe class CommandStreams : IDisposable
{
    // gVisor wakes a reader and a writer at a cost that only large moves repay: with pipes of the default 64 KiB a
    // command's output comes at a tenth of the speed.
    private const int PipeBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Fd?[] _childEnds = new Fd?[3];
    private readonly Fd?[] _outputs = new Fd?[2];
    private Fd? _input;
    private string? _terminal;

    private CommandStreams()
    {
    }

    /// <summary>Opens what the request asks for; without interactive input, the child reads <paramref name="standardInput"/>.</summary>
    public static CommandStreams Open(ExecRequest request, Fd standardInput)
    {
        var streams = new CommandStreams();
        try
        {
            if (request.TerminalRows > 0)
                streams.OpenTerminal(request.TerminalRows, request.TerminalColumns);
            else
                streams.OpenPipes(standardInput, request.InteractiveInput);
            return streams;
        }
        catch
        {
            streams.Dispose();
            throw;
        }
    }

    /// <summary>Gets where the command's output is read, until <see cref="CloseOutput"/>; a terminal has the first only.</summary>
    public Fd? Output(int stream) => _outputs[stream];

    public void CloseOutput(int stream)
    {
        // A terminal's one descriptor carries input and size too; it closes with the command.
        if (_terminal is null)
            _outputs[stream]!.Dispose();
        _outputs[stream] = null;
    }

    /// <summary>Hands over what the command reads from; <see langword="null"/> where that is a file.</summary>
    public Fd? TakeInput()
    {
        lock (_lock)
        {
            if (_terminal is not null)
                return _input?.Duplicate();
            // The only one there is: the command sees the end of its input when the taker closes it.
            var input = _input;
            _input = null;
            return input;
        }
    }

    /// <summary>Gets whether the end of input is a character, as on a terminal.</summary>
    public bool IsTerminal => _terminal is not null;

    public void Resize(int rows, int columns)
    {
        lock (_lock)
        {
            if (_terminal is null || _input is null)
                return;
            var size = stackalloc ushort[4] { (ushort)rows, (ushort)columns, 0, 0 };
            _ = Libc.ioctl(_input.Number, Linux.SetWindowSize, size);
        }
    }

    public ChildDescriptors ForChild() => new(
        _childEnds[0]?.Number ?? -1, _childEnds[1]?.Number ?? -1, _childEnds[2]?.Number ?? -1, _terminal);

    /// <summary>Closes the child's ends here, so that their end is seen when the child closes its own.</summary>
    public void ReleaseChildEnds()
    {
        for (var i = 0; i < 3; i++)
        {
            _childEnds[i]?.Dispose();
            _childEnds[i] = null;
        }
    }

    public void Dispose()
    {
        ReleaseChildEnds();
        lock (_lock)
        {
            _input?.Dispose();
            _input = null;
        }
        _outputs[0]?.Dispose();
        _outputs[1]?.Dispose();
    }

    private void OpenPipes(Fd standardInput, bool interactive)
    {
        if (interactive)
        {
            (_childEnds[0], _input) = Pipe();
            _input.SetNonBlocking();
        }
        else
        {
            _childEnds[0] = standardInput.Duplicate();
        }
        for (var i = 0; i < 2; i++)
        {
            (var read, _childEnds[i + 1]) = Pipe();
            _outputs[i] = read;
            read.SetNonBlocking();
            _ = Libc.fcntl(read.Number, Linux.SetPipeSize, PipeBytes); // Refused beyond a user's limit: then it stays small.
        }
    }

    private void OpenTerminal(ushort rows, ushort columns)
    {
        var master = FileSystem.Open("/dev/ptmx", Linux.OpenReadWrite | Linux.OpenNonBlocking | Linux.OpenNoTerminal);
        _outputs[0] = master;
        var unlocked = 0;
        var number = 0;
        if (Libc.ioctl(master.Number, Linux.SetTerminalLock, &unlocked) != 0
            || Libc.ioctl(master.Number, Linux.GetTerminalNumber, &number) != 0)
            throw ErrnoException.Last("/dev/ptmx");
        _terminal = $"/dev/pts/{number}";
        _input = master.Duplicate();
        Resize(rows, columns);
    }

    private static (Fd Read, Fd Write) Pipe()
    {
        var fds = stackalloc int[2];
        return Libc.pipe2(fds, Linux.OpenCloseOnExec) == 0
            ? (new Fd(fds[0]), new Fd(fds[1]))
            : throw ErrnoException.Last("pipe");
    }
}

/// <summary>A child's standard streams: descriptors, or the terminal to open for all three.</summary>
internal readonly record struct ChildDescriptors(int Input, int Output, int Error, string? Terminal);
