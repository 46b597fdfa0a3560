namespace OnCell.Sandboxes;

/// <summary>A command to run in a sandbox.</summary>
public sealed record ExecSpec
{
    /// <summary>Gets the program and its arguments.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Gets the caller's key, or <see langword="null"/>.</summary>
    /// <remarks>
    /// The guest keeps a keyed command's output and exit code on the volume and runs a key at most once: a second
    /// start with the same key re-attaches to the running command or returns its result. The key is 1 to 200 of
    /// letters, digits and <c>-_.:/#</c>.
    /// </remarks>
    public string? Key { get; init; }

    /// <summary>Gets the folder in which the command starts.</summary>
    /// <value>The default is <c>/work</c>.</value>
    public string WorkingDirectory { get; init; } = "/work";

    /// <summary>Gets environment variables beyond the sandbox's own; a <see langword="null"/> value removes one.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Gets variables whose values are secret: they go before <see cref="Environment"/>, and are no part of what makes a keyed command the same one.</summary>
    public IReadOnlyDictionary<string, string?> SecretEnvironment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Gets the bytes of standard input; then end of file.</summary>
    public ReadOnlyMemory<byte> StandardInput { get; init; }

    /// <summary>Gets whether standard input is typed while the command runs, by <see cref="ExecHandle.WriteInputAsync"/>.</summary>
    /// <remarks>Only without a key and without <see cref="StandardInput"/>.</remarks>
    public bool InteractiveInput { get; init; }

    /// <summary>Gets the size of the terminal in which the command runs, or <see langword="null"/> for pipes.</summary>
    /// <remarks>A terminal implies <see cref="InteractiveInput"/>; all output is standard output then.</remarks>
    public TerminalSize? Terminal { get; init; }

    /// <summary>Gets how long the command may run before its process group is killed; <see langword="null"/> for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Gets how long the command may be silent before its process group is killed; <see langword="null"/> for no limit.</summary>
    public TimeSpan? NoOutputTimeout { get; init; }

    /// <summary>Gets how many bytes of each stream are kept: the first half and the last half.</summary>
    /// <value>The default is 1 MiB; between 1 KiB and 64 MiB.</value>
    public int MaxOutputBytes { get; init; } = 1 << 20;

    /// <summary>A command line for <c>/bin/sh -c</c>.</summary>
    public static ExecSpec Shell(string commandLine) => new() { Arguments = ["/bin/sh", "-c", commandLine] };

    /// <summary>A program with its arguments; no shell is involved.</summary>
    public static ExecSpec Command(params string[] arguments) => new() { Arguments = arguments };
}

/// <summary>The size of a terminal.</summary>
/// <param name="Rows">Its lines; 1 to 65535.</param>
/// <param name="Columns">Its columns; 1 to 65535.</param>
public readonly record struct TerminalSize(int Rows, int Columns);
