using System.Runtime.CompilerServices;

namespace OnCell;

/// <summary>A shell step under way: await it for the result, or await <see cref="EnsureSuccess"/> to have failure thrown.</summary>
public readonly struct ShellCall
{
    private readonly Task<ShellResult> _task;

    internal ShellCall(Task<ShellResult> task) => _task = task;

    /// <summary>Waits for the command and throws where its exit code is not 0.</summary>
    /// <exception cref="ShellFailedException">The exit code is not 0; carries the result.</exception>
    public async Task<ShellResult> EnsureSuccess() => (await _task.ConfigureAwait(false)).EnsureSuccess();

    /// <summary>Gets the call as a task, for <see cref="Task.WhenAll(IEnumerable{Task})"/> and the like.</summary>
    public Task<ShellResult> AsTask() => _task;

    /// <summary>Gets the awaiter; called by the compiler.</summary>
    public TaskAwaiter<ShellResult> GetAwaiter() => _task.GetAwaiter();
}
