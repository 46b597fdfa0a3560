using OnCell.Journaling;
using OnCell.Runs;
using OnCell.Sandboxes;

namespace OnCell;

/// <summary>Commands that go on in the background of a cell, such as a dev server: by a name of the agent's, each call a step.</summary>
/// <remarks>
/// A process belongs to the cell, not to the run: it goes on when the run ends, and every run of the customer knows it by its
/// name. It ends with the sandbox: after the cell was stopped, or died, <see cref="IsRunningAsync"/> says so.
/// </remarks>
public sealed class CellProcesses
{
    private const int Sigkill = 9;
    private const int MaxName = 100;
    private const int MinOutput = 1024; // the least that the guest keeps of what nobody here reads
    private const string Prefix = "process/";

    private readonly RunSession _session;

    internal CellProcesses(RunSession session) => _session = session;

    /// <summary>Starts a command in the background; where one of the name runs already, that one stays.</summary>
    /// <param name="name">The name: 1 to 100 letters, digits, '-', '_' and '.'.</param>
    /// <param name="command">The interpolated command line.</param>
    /// <param name="options">How it runs; <see cref="ShellOptions.Timeout"/> counts only where it is set here.</param>
    /// <returns>Whether it was started; <see langword="false"/> where it ran already.</returns>
    public Task<bool> StartAsync(string name, ShellCommand command, ShellOptions? options = null)
    {
        var line = command.ToString();
        return StepAsync("start", name, [new("command", line)], StepEffect.Idempotent, async (sandbox, key, token) =>
        {
            if (await sandbox.FindExecAsync(key, token).ConfigureAwait(false) == ExecState.Running) return false;
            await sandbox.ForgetExecAsync(key, token).ConfigureAwait(false); // one that ended, or died with an earlier sandbox
            var spec = ShellStep.Spec(_session, line, options ?? new ShellOptions { Timeout = null }, key);
            await (await sandbox.StartExecAsync(spec, token).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            return true;
        });
    }

    /// <summary>Tells whether a process runs.</summary>
    /// <param name="name">The name.</param>
    public Task<bool> IsRunningAsync(string name) => StepAsync("look for", name, [], StepEffect.Read, async (sandbox, key, token) =>
        await sandbox.FindExecAsync(key, token).ConfigureAwait(false) == ExecState.Running);

    /// <summary>Ends a process with all that it started. None there is not an error.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether it ran.</returns>
    public Task<bool> StopAsync(string name) => StepAsync("stop", name, [], StepEffect.Idempotent, async (sandbox, key, token) =>
    {
        var running = await sandbox.FindExecAsync(key, token).ConfigureAwait(false) == ExecState.Running;
        if (running && await sandbox.AttachExecAsync(key, MinOutput, token).ConfigureAwait(false) is { } handle)
        {
            await using (handle)
            {
                await handle.SignalAsync(Sigkill, token).ConfigureAwait(false);
                await handle.WaitAsync(null, token).ConfigureAwait(false);
            }
        }

        await sandbox.ForgetExecAsync(key, token).ConfigureAwait(false);
        return running;
    });

    private Task<T> StepAsync<T>(
        string verb, string name, List<StepArgument> arguments, StepEffect effect, Func<Sandbox, string, CancellationToken, Task<T>> body)
    {
        if (name is not { Length: > 0 and <= MaxName } || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            throw new ArgumentException($"Processes: \"{name}\" is no name: 1 to {MaxName} letters, digits, '-', '_' and '.'.", nameof(name));
        return _session.StepAsync(new StepSpec<T>
        {
            Kind = "process",
            Name = $"{verb} {name}",
            Arguments = arguments,
            Effect = effect,
            Body = async (_, token) =>
                await body(await _session.Cell.GetSandboxAsync(token).ConfigureAwait(false), Prefix + name, token).ConfigureAwait(false),
        });
    }
}
