namespace OnCell;

/// <summary>What a shell step left behind. An exit code other than 0 is data, not an exception.</summary>
public sealed record ShellResult
{
    /// <summary>Gets the command line that ran.</summary>
    public required string Command { get; init; }

    /// <summary>Gets the exit code; 128 + the number of the signal that ended it; -1 where it never ran.</summary>
    public required int ExitCode { get; init; }

    /// <summary>Gets standard output.</summary>
    public required string Stdout { get; init; }

    /// <summary>Gets standard error.</summary>
    public required string Stderr { get; init; }

    /// <summary>Gets how long it ran.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets whether it was killed for running or being silent too long.</summary>
    public bool TimedOut { get; init; }

    /// <summary>Gets whether output was left out between the kept head and tail.</summary>
    public bool Truncated { get; init; }

    /// <summary>Gets why it could not be started or was killed, or <see langword="null"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets whether it did not end with exit code 0.</summary>
    public bool Failed => ExitCode != 0;

    /// <summary>Gets one line that says how it failed, with the end of its error output; empty when it did not.</summary>
    public string Error => !Failed ? "" : Reason ?? $"exit code {ExitCode}: {LastLines(Stderr.Length > 0 ? Stderr : Stdout)}";

    /// <summary>Returns this result when the command succeeded.</summary>
    /// <exception cref="ShellFailedException">The exit code is not 0.</exception>
    public ShellResult EnsureSuccess() => Failed ? throw new ShellFailedException(this) : this;

    private static string LastLines(string text)
    {
        const int most = 600;
        text = text.TrimEnd();
        return text.Length <= most ? text : "…" + text[^most..];
    }
}
