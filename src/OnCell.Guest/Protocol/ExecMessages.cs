namespace OnCell.Guest.Protocol;

/// <summary>The guest's first answer to <see cref="Method.Exec"/>.</summary>
/// <param name="Reattached">Whether an earlier call had started the command.</param>
internal readonly record struct ExecStarted(bool Reattached)
{
    public void Write(WireWriter writer) => writer.Bool(Reattached);

    public static ExecStarted Read(ReadOnlySpan<byte> payload)
    {
        var reader = new WireReader(payload);
        var started = new ExecStarted(reader.Bool());
        reader.End();
        return started;
    }
}

/// <summary>Bytes of an output that were not kept.</summary>
internal readonly record struct OutputGap(OutputStream Stream, long Length)
{
    private const long Longest = 1L << 53;

    public void Write(WireWriter writer)
    {
        writer.Byte((byte)Stream);
        writer.Int64(Length);
    }

    public static OutputGap Read(ReadOnlySpan<byte> payload)
    {
        var reader = new WireReader(payload);
        var gap = new OutputGap((OutputStream)reader.Byte(), reader.Int64());
        reader.End();
        if (gap.Stream > OutputStream.Stderr || gap.Length is <= 0 or > Longest)
            throw new ProtocolException($"there is no gap of {gap.Length} bytes in output {gap.Stream}");
        return gap;
    }
}

/// <summary>How a command ended. The values are those of the host's <c>ExecOutcome</c>.</summary>
internal enum ExitKind : byte
{
    Exited = 0,
    Signaled = 1,
    TimedOut = 2,
    NoOutputTimedOut = 3,
    FailedToStart = 4,
    Interrupted = 5,
}

/// <summary>The end of a command.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Code">The exit code, 128 + the signal, or -1.</param>
/// <param name="DurationMicroseconds">How long it ran.</param>
/// <param name="Error">Why it could not be started; else empty.</param>
internal sealed record ExecExit(ExitKind Kind, int Code, long DurationMicroseconds, string Error = "")
{
    // More than a TimeSpan can tell would overflow it on the host.
    private const long LongestMicroseconds = 1L << 59;

    public static ExecExit Interrupted { get; } = new(ExitKind.Interrupted, -1, 0);

    public static ExecExit FailedToStart(string error) => new(ExitKind.FailedToStart, -1, 0, error);

    public void Write(WireWriter writer)
    {
        writer.Byte((byte)Kind);
        writer.Int32(Code);
        writer.Int64(DurationMicroseconds);
        writer.String(Error);
    }

    public static ExecExit Read(ReadOnlySpan<byte> payload)
    {
        var reader = new WireReader(payload);
        var exit = ReadFrom(ref reader);
        reader.End();
        return exit;
    }

    public static ExecExit ReadFrom(ref WireReader reader)
    {
        var exit = new ExecExit((ExitKind)reader.Byte(), reader.Int32(), reader.Int64(), reader.String());
        if (exit.Kind > ExitKind.Interrupted || exit.DurationMicroseconds is < 0 or > LongestMicroseconds)
            throw new ProtocolException("a command's end is not one of those known");
        return exit;
    }
}

/// <summary>What the guest knows of a key. The values are those of the host's <c>ExecState</c>.</summary>
internal enum KeyState : byte
{
    Unknown = 0,
    Running = 1,
    Finished = 2,
    Interrupted = 3,
}
