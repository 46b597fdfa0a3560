using System.Collections.Concurrent;
using OnCell.Journaling.Steps.Execution;

namespace OnCell.Journaling;

/// <summary>
/// Where steps are asked for: a run, a branch of it, or a step that has steps of its own. Each counts its steps by itself,
/// synchronously at the call, so steps started together have the same positions in every execution.
/// </summary>
public abstract partial class StepScope
{
    /// <summary>How long a prefix may be: branches and sub-steps that open themselves would nest without end.</summary>
    private const int MaxPrefixCharacters = 1_024;

    private readonly string _prefix;
    private readonly ConcurrentDictionary<string, JournalBranch> _branches = new(StringComparer.Ordinal);
    private int _last;

    private protected StepScope(string prefix)
    {
        _prefix = prefix;
        Memory = new RunMemory(this);
    }

    /// <summary>Gets the journal's key-value memory, read and written as steps of this scope.</summary>
    public RunMemory Memory { get; }

    /// <summary>Gets a value indicating whether the next step of this scope has ended in the journal already.</summary>
    public bool Replaying => Run.History.Find(NextPosition) is { HasEnded: true };

    /// <summary>Gets the run this scope is of.</summary>
    internal abstract JournalRun Run { get; }

    /// <summary>Gets the position the next step will have.</summary>
    internal string NextPosition => $"{_prefix}{Volatile.Read(ref _last) + 1}";

    /// <summary>Returns the step's result from the journal, or does the step once and keeps its result.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="step">The step.</param>
    /// <param name="ct">Gives up: the step's end is not written, so it is in doubt when the run is resumed.</param>
    /// <returns>The result, once it is on the disk.</returns>
    /// <exception cref="StepFailedException">The step failed, now or in an earlier execution.</exception>
    /// <exception cref="RunDivergedException">The journal holds another step at this position.</exception>
    /// <exception cref="LeaseLostException">Another execution has claimed the run.</exception>
    /// <exception cref="RunCancelledException">The run was cancelled.</exception>
    /// <exception cref="JournalStorageException">The disk refused a write; the journal is to be opened again.</exception>
    public Task<T> StepAsync<T>(StepSpec<T> step, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(step);
        return new StepRunner<T>(Run, step, TakePosition()).RunAsync(ct);
    }

    /// <summary>Opens a sequence of steps with a counter of its own, for work that goes on beside other work.</summary>
    /// <param name="name">1 to 64 letters, digits, '-' and '_', beginning with a letter; unique in this scope.</param>
    /// <returns>The branch.</returns>
    /// <exception cref="ArgumentException">The name is not of that form, was taken in this execution, or is nested too deeply.</exception>
    public JournalBranch Branch(string name)
    {
        if (name is not { Length: > 0 and <= 64 } || !char.IsAsciiLetter(name[0])
            || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new ArgumentException(
                $"{Run.Label}: a branch name is 1 to 64 letters, digits, '-' and '_', beginning with a letter.", nameof(name));
        }

        CheckDepth();
        var branch = new JournalBranch(Run, $"{_prefix}{name}/");
        return _branches.TryAdd(name, branch) ? branch : throw new ArgumentException(
            $"{Run.Label}: branch '{_prefix}{name}' is open already. Two sequences cannot share a counter: name each one.", nameof(name));
    }

    private string TakePosition()
    {
        CheckDepth();
        return $"{_prefix}{Interlocked.Increment(ref _last)}";
    }

    private void CheckDepth()
    {
        if (_prefix.Length > MaxPrefixCharacters)
        {
            throw new ArgumentException(
                $"{Run.Label}: steps and branches are nested too deeply at {_prefix.AsSpan(0, 100)}...: does one open itself?");
        }
    }
}
