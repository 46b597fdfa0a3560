using OnCell.Journaling;

namespace OnCell;

/// <summary>How a shell step runs.</summary>
public sealed record ShellOptions
{
    /// <summary>Gets the folder in which the command starts.</summary>
    /// <value>The default is <c>/work</c>.</value>
    public string WorkingDirectory { get; init; } = "/work";

    /// <summary>Gets environment variables beyond the cell's own.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Gets the names of secrets that the command gets as environment variables of the same names.</summary>
    /// <remarks>
    /// Their values are in the command's environment only: not in the journal, and removed from what its output shows.
    /// The command itself can read them, and so can whatever it runs.
    /// </remarks>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Gets the text of standard input; then end of file.</summary>
    public string? StandardInput { get; init; }

    /// <summary>Gets how long the command may run before it is killed.</summary>
    /// <value>The default is 30 minutes; <see langword="null"/> for no limit.</value>
    public TimeSpan? Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets how long the command may be silent before it is killed.</summary>
    /// <value>The default is <see langword="null"/>: no limit.</value>
    public TimeSpan? NoOutputTimeout { get; init; }

    /// <summary>Gets how many bytes of each output stream are kept: the first and the last half.</summary>
    /// <value>The default is 1 MiB.</value>
    public int MaxOutputBytes { get; init; } = 1 << 20;

    /// <summary>Gets what may be done when the host died while the command ran.</summary>
    /// <value>
    /// The default is <see cref="StepEffect.Reattach"/>: while the cell lives, the running command is waited for; when the
    /// cell died with it, the command is run again. <see cref="StepEffect.Unsafe"/> asks a person instead.
    /// </value>
    public StepEffect Effect { get; init; } = StepEffect.Reattach;

    /// <summary>Gets a command that tells whether the effect is there already: exit code 0 means done.</summary>
    /// <remarks>Asked only when the host and the cell died while the command ran. A read-only command line for <c>sh</c>.</remarks>
    public string? Probe { get; init; }
}
