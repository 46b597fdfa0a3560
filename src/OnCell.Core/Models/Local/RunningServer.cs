using System.Text;
using OnCell.Sandboxes;

namespace OnCell.Models.Local;

/// <summary>A sandbox with a server in it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const int Port = 8080;

    private const int KeptCharacters = 2_000;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Sandbox _sandbox;
    private readonly ExecHandle _process;
    private readonly StringBuilder _said = new();
    private readonly Task _ended;

    public RunningServer(Sandbox sandbox, ExecHandle process)
    {
        _sandbox = sandbox;
        _process = process;
        _ended = WatchAsync();
    }

    /// <summary>Gets whether the server runs, as far as is known.</summary>
    public bool IsAlive => !_ended.IsCompleted && !_sandbox.Lost.IsCompleted;

    /// <summary>Gets why it does not run any more.</summary>
    public string Reason { get; private set; } = "its sandbox died";

    /// <summary>Gets the last that the server wrote.</summary>
    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    public Task<Stream> ConnectAsync(CancellationToken cancellationToken) => _sandbox.ConnectPortAsync(Port, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _sandbox.StopAsync(limit.Token).ConfigureAwait(false);
        }
        finally
        {
            await _process.DisposeAsync().ConfigureAwait(false);
            await _sandbox.DisposeAsync().ConfigureAwait(false);
            await _ended.ConfigureAwait(false);
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            var result = await _process.WaitAsync(Keep, CancellationToken.None).ConfigureAwait(false);
            Reason = $"its process ended ({result.Outcome} {result.ExitCode})";
        }
        catch (Exception e) when (e is SandboxException or OperationCanceledException or ObjectDisposedException)
        {
            Reason = e.Message;
        }
    }

    private void Keep(ExecOutput output)
    {
        lock (_said)
        {
            _said.Append(Encoding.UTF8.GetString(output.Data.Span));
            if (_said.Length > 2 * KeptCharacters) _said.Remove(0, _said.Length - KeptCharacters);
        }
    }
}
