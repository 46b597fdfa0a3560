namespace OnCell.Guest.Protocol;

/// <summary>A command to start, or to find again by its key.</summary>
internal sealed record ExecRequest
{
    /// <summary>Empty where the command has no key.</summary>
    public required string Key { get; init; }

    /// <summary>A digest of what the command is, made by the host; the guest only compares it.</summary>
    public required byte[] Fingerprint { get; init; }

    public required string WorkingDirectory { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Changes to the guest's own environment; <see langword="null"/> removes a variable.</summary>
    public required IReadOnlyList<KeyValuePair<string, string?>> Environment { get; init; }

    /// <summary>How many bytes of standard input follow as data.</summary>
    public long StandardInputLength { get; init; }

    /// <summary>Standard input comes as data while the command runs, until the end of data.</summary>
    public bool InteractiveInput { get; init; }

    /// <summary>The rows of the command's terminal; 0 for no terminal.</summary>
    public ushort TerminalRows { get; init; }

    public ushort TerminalColumns { get; init; }

    /// <summary>0 for none.</summary>
    public long TimeoutMilliseconds { get; init; }

    /// <summary>0 for none.</summary>
    public long NoOutputTimeoutMilliseconds { get; init; }

    public required int MaxOutputBytes { get; init; }

    /// <summary>Never start: the caller has seen this key under way and only wants the rest.</summary>
    public bool AttachOnly { get; init; }

    /// <summary>How much of standard output the caller has already.</summary>
    public long StdoutOffset { get; init; }

    /// <summary>How much of standard error the caller has already.</summary>
    public long StderrOffset { get; init; }

    public void Write(WireWriter writer)
    {
        writer.String(Key);
        writer.Bytes(Fingerprint);
        writer.String(WorkingDirectory);
        writer.Int32(Arguments.Count);
        foreach (var argument in Arguments)
            writer.String(argument);
        writer.Int32(Environment.Count);
        foreach (var (name, value) in Environment)
        {
            writer.String(name);
            writer.Bool(value is not null);
            if (value is not null)
                writer.String(value);
        }
        writer.Int64(StandardInputLength);
        writer.Bool(InteractiveInput);
        writer.UInt16(TerminalRows);
        writer.UInt16(TerminalColumns);
        writer.Int64(TimeoutMilliseconds);
        writer.Int64(NoOutputTimeoutMilliseconds);
        writer.Int32(MaxOutputBytes);
        writer.Bool(AttachOnly);
        writer.Int64(StdoutOffset);
        writer.Int64(StderrOffset);
    }

    public static ExecRequest Read(ReadOnlySpan<byte> payload)
    {
        var reader = new WireReader(payload);
        var request = new ExecRequest
        {
            Key = reader.String(),
            Fingerprint = reader.Bytes().ToArray(),
            WorkingDirectory = reader.String(),
            Arguments = ReadArguments(ref reader),
            Environment = ReadEnvironment(ref reader),
            StandardInputLength = reader.Int64(),
            InteractiveInput = reader.Bool(),
            TerminalRows = reader.UInt16(),
            TerminalColumns = reader.UInt16(),
            TimeoutMilliseconds = reader.Int64(),
            NoOutputTimeoutMilliseconds = reader.Int64(),
            MaxOutputBytes = reader.Int32(),
            AttachOnly = reader.Bool(),
            StdoutOffset = reader.Int64(),
            StderrOffset = reader.Int64(),
        };
        reader.End();
        return request;
    }

    private static string[] ReadArguments(ref WireReader reader)
    {
        var arguments = new string[reader.Count(4)];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = reader.String();
        return arguments;
    }

    private static KeyValuePair<string, string?>[] ReadEnvironment(ref WireReader reader)
    {
        var environment = new KeyValuePair<string, string?>[reader.Count(5)];
        for (var i = 0; i < environment.Length; i++)
            environment[i] = new(reader.String(), reader.Bool() ? reader.String() : null);
        return environment;
    }
}
