using System.Diagnostics;

namespace OnCell.Demo.Service;

/// <summary>The service with an agent, as a process of its own that can be killed and started again.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private const string ListeningMark = "Now listening on: ";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly Task _log;

    private ServiceProcess(Process process, Uri address, Task log) =>
        (_process, Address, _log, Api) = (process, address, log, new(address));

    /// <summary>Gets where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Gets its HTTP API.</summary>
    public ServiceClient Api { get; }

    /// <summary>Gets its process id.</summary>
    public int Pid => _process.Id;

    /// <summary>Starts the service in a process group of its own and waits until it listens.</summary>
    /// <exception cref="ToolException">It ended, or did not listen within a minute.</exception>
    public static async Task<ServiceProcess> StartAsync(ServiceOptions options, CancellationToken cancellationToken)
    {
        // setsid keeps the terminal's Ctrl-C from the service and its sandboxes: the demo ends them itself.
        var folder = AppContext.BaseDirectory;
        var start = new ProcessStartInfo("setsid",
            ["dotnet", Path.Combine(folder, options.Program + ".dll"), "--urls", "http://127.0.0.1:0", "--contentRoot", folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in options.ToEnvironment())
            start.Environment[name] = value;

        var process = Process.Start(start)!;
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = Task.WhenAll(
            CopyAsync(process.StandardOutput, options.Log, listening), CopyAsync(process.StandardError, options.Log, null));
        try
        {
            await Task.WhenAny(listening.Task, process.WaitForExitAsync(cancellationToken)).WaitAsync(StartTimeout, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            return listening.Task.IsCompleted
                ? new(process, await listening.Task, log)
                : throw new ToolException($"The service ended with {process.ExitCode} instead of listening; see {options.Log}.");
        }
        catch (Exception e)
        {
            process.Kill();
            process.Dispose();
            if (e is TimeoutException)
                throw new ToolException($"The service did not listen within {StartTimeout.TotalSeconds:0} s; see {options.Log}.");
            throw;
        }
    }

    /// <summary>Kills it as a crash would: SIGKILL, to it alone, at once.</summary>
    public async Task KillAsync()
    {
        Native.Signal(Pid, Native.SigKill);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Asks it to end, and waits for it.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited)
            return;
        Native.Signal(Pid, Native.SigTerm);
        using var patience = new CancellationTokenSource(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Api.Dispose();
        _process.Dispose();
    }

    private static async Task CopyAsync(StreamReader from, string path, TaskCompletionSource<Uri>? listening)
    {
        await using var log = TextWriter.Synchronized(new StreamWriter(
            new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        { AutoFlush = true });
        while (await from.ReadLineAsync() is { } line)
        {
            await log.WriteLineAsync(line);
            var mark = line.IndexOf(ListeningMark, StringComparison.Ordinal);
            if (mark >= 0)
                listening?.TrySetResult(new Uri(line[(mark + ListeningMark.Length)..].Trim()));
        }
    }
}
