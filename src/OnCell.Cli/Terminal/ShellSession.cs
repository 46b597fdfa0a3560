using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OnCell.Cli.Output;
using OnCell.Client;

namespace OnCell.Cli.Terminal;

/// <summary>A shell in a cell, in this terminal: keys, sizes and signals go there, what it shows comes here.</summary>
internal static class ShellSession
{
    public static async Task<int> RunAsync(OnCellClient client, string customer, CancellationToken ct)
    {
        var (rows, columns) = Console.IsOutputRedirected ? (24, 80) : (Console.WindowHeight, Console.WindowWidth);
        using var terminal = RawTerminal.Enter();
        using var shell = await client.Cells.OpenShellAsync(customer, Math.Max(1, rows), Math.Max(1, columns), ct);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct);

        // One writer at a time: keys, sizes and signals come from threads of their own.
        using var turn = new SemaphoreSlim(1, 1);
        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ =>
            Send(turn, () => shell.ResizeAsync(Math.Max(1, Console.WindowHeight), Math.Max(1, Console.WindowWidth), ends.Token)));
        using var ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Send(turn, () => shell.SignalAsync("HUP", ends.Token));
        });
        var typing = Task.Run(() => TypeAsync(shell, turn, ends.Token), CancellationToken.None);
        using var output = Console.OpenStandardOutput();
        while (true)
        {
            var data = await shell.ReadAsync(ct);
            if (data.IsEmpty) break;
            await output.WriteAsync(data, ct);
            await output.FlushAsync(ct);
        }

        await ends.CancelAsync();
        if (shell.End?.Error is { } error) Screen.Say(error);
        return shell.End?.ExitCode ?? ExitCodes.Unreachable;
    }

    private static async Task TypeAsync(CellShell shell, SemaphoreSlim turn, CancellationToken ct)
    {
        // Not Console's own stream: that reads whole lines from a terminal, and makes it echo them.
        using var descriptor = new SafeFileHandle(0, ownsHandle: false);
        using var input = new FileStream(descriptor, FileAccess.Read, bufferSize: 0);
        var buffer = new byte[4096];
        int read;
        while ((read = await input.ReadAsync(buffer, ct)) > 0)
        {
            var typed = buffer.AsMemory(0, read).ToArray();
            Send(turn, () => shell.WriteAsync(typed, ct));
        }
    }

    private static void Send(SemaphoreSlim turn, Func<Task> send)
    {
        turn.Wait();
        try
        {
            send().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is System.Net.WebSockets.WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The shell is over; the reader of its output says how.
        }
        finally
        {
            turn.Release();
        }
    }
}
