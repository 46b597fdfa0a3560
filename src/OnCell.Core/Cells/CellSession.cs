using OnCell.Sandboxes;
using OnCell.Secrets;

namespace OnCell;

/// <summary>A customer's cell, woken and kept awake until this is disposed: for people and tools that look into it.</summary>
/// <remarks>What is done through it is no step of a run: it is not journaled and not done again after a crash.</remarks>
public sealed class CellSession : IDisposable
{
    private readonly IDisposable _lease;
    private readonly Sandbox _sandbox;
    private readonly IRedactor _redactor;

    internal CellSession(IDisposable lease, Sandbox sandbox, IRedactor redactor)
    {
        _lease = lease;
        _sandbox = sandbox;
        _redactor = redactor;
    }

    /// <summary>Gets the files of the cell, opened by its guest, so no path can leave it.</summary>
    public SandboxFiles Files => _sandbox.Files;

    /// <summary>Gets a task that ends when the cell is found dead.</summary>
    public Task Lost => _sandbox.Lost;

    /// <summary>Starts a command in the cell.</summary>
    /// <param name="spec">The command; with a terminal for a person.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="SandboxLostException">The cell died.</exception>
    public Task<ExecHandle> StartAsync(ExecSpec spec, CancellationToken cancellationToken) =>
        _sandbox.StartExecAsync(spec, cancellationToken);

    /// <summary>Runs a command in the cell to its end.</summary>
    /// <param name="spec">The command.</param>
    /// <param name="cancellationToken">Ends the wait, and the command where it has no key.</param>
    /// <exception cref="SandboxLostException">The cell died.</exception>
    public Task<ExecResult> RunAsync(ExecSpec spec, CancellationToken cancellationToken) =>
        _sandbox.RunAsync(spec, null, cancellationToken);

    /// <summary>Removes the values of the customer's secrets from text that somebody is to see.</summary>
    /// <param name="text">The text.</param>
    public string Redact(string text) => _redactor.Redact(text);

    /// <summary>Lets the cell idle again.</summary>
    public void Dispose() => _lease.Dispose();
}
