using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace OnCell.Testing;

/// <summary>Answers the commands of a cell by script, and records them.</summary>
public sealed class FakeShell
{
    private readonly List<(Regex Pattern, Func<ShellInvocation, FakeResult> Answer)> _rules = [];
    private readonly ConcurrentQueue<ShellInvocation> _commands = new();

    /// <summary>Gets the command lines that ran, in order. One that was found again after a crash did not run again.</summary>
    public IReadOnlyList<string> Commands => [.. _commands.Select(c => c.Command)];

    /// <summary>Gets the commands that ran with all they were given.</summary>
    public IReadOnlyList<ShellInvocation> Invocations => [.. _commands];

    /// <summary>Answers commands that fit a pattern. The latest rule that fits counts.</summary>
    /// <param name="pattern">The command line; <c>*</c> stands for any text.</param>
    /// <param name="stdout">Standard output.</param>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="stderr">Standard error.</param>
    public FakeShell When(string pattern, string stdout = "", int exitCode = 0, string stderr = "") =>
        When(pattern, _ => new FakeResult(stdout, exitCode, stderr));

    /// <summary>Does something for commands that fit a pattern: it may read and write the cell's files.</summary>
    /// <param name="pattern">The command line; <c>*</c> stands for any text.</param>
    /// <param name="answer">What the command does. It stands for a program: it depends on the files and its input alone.</param>
    public FakeShell When(string pattern, Func<ShellInvocation, FakeResult> answer)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(answer);
        var regex = new Regex(
            @"\A" + Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal) + @"\z",
            RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
        lock (_rules) _rules.Add((regex, answer));
        return this;
    }

    internal FakeResult Run(ShellInvocation invocation)
    {
        _commands.Enqueue(invocation);
        Func<ShellInvocation, FakeResult>? answer;
        lock (_rules) answer = _rules.FindLast(r => r.Pattern.IsMatch(invocation.Command)).Answer;
        return answer?.Invoke(invocation)
            ?? new FakeResult("", 127, $"FakeShell: no rule fits this command; add Shell.When(\"…\") for: {invocation.Command}");
    }
}

/// <summary>A command as the cell got it.</summary>
/// <param name="Command">The command line.</param>
/// <param name="Key">The key under which the cell keeps its result; <see langword="null"/> where it keeps none.</param>
/// <param name="WorkingDirectory">The folder, as the cell names it.</param>
/// <param name="Environment">The variables given with it.</param>
/// <param name="StandardInput">The text of its standard input.</param>
/// <param name="WorkFolder">The folder on this machine that is <c>/work</c> in the cell.</param>
public sealed record ShellInvocation(
    string Command, string? Key, string WorkingDirectory, IReadOnlyDictionary<string, string?> Environment, string StandardInput, string WorkFolder);

/// <summary>What a command of a <see cref="FakeShell"/> leaves behind.</summary>
/// <param name="Stdout">Standard output.</param>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Stderr">Standard error.</param>
public sealed record FakeResult(string Stdout = "", int ExitCode = 0, string Stderr = "")
{
    internal byte[] StdoutBytes => Encoding.UTF8.GetBytes(Stdout);

    internal byte[] StderrBytes => Encoding.UTF8.GetBytes(Stderr);
}
