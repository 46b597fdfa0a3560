using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Guest;

namespace OnCell.Sandbox.Tests.Guest;

/// <summary>A host service of its own process, to be killed: this test program, started with a variable set.</summary>
internal static class HostProcess
{
    private const string Variable = "ONCELL_TEST_HOST_SOCKET";

    public static Process Start(GuestProcess guest, string key, string line)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            Environment =
            {
                [Variable] = guest.ControlSocket,
                [Variable + "_KEY"] = key,
                [Variable + "_LINE"] = line,
                [Variable + "_WORK"] = guest.WorkFolder,
            },
        };
        return Process.Start(start)!;
    }

    /// <summary>Runs before the tests' own entry point, and instead of it where the variable is set.</summary>
    [ModuleInitializer]
    internal static void RunInstead()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } socket)
            return;
        // Off this thread: what a module's initializer waits for must not need the module on another thread.
        RunAsync(socket).GetAwaiter().GetResult();
        Environment.Exit(0);
    }

    private static async Task RunAsync(string socket)
    {
        using var output = Console.OpenStandardOutput();
        await using var channel = GuestChannel.Listen(socket, NullLogger.Instance);
        output.Write("listening\n"u8);
        var spec = ExecSpec.Shell(Environment.GetEnvironmentVariable(Variable + "_LINE")!) with
        {
            Key = Environment.GetEnvironmentVariable(Variable + "_KEY"),
            WorkingDirectory = Environment.GetEnvironmentVariable(Variable + "_WORK")!,
        };
        await using var handle = await channel.StartExecAsync(spec, CancellationToken.None);
        await handle.WaitAsync(
            piece =>
            {
                if (!piece.IsError)
                    output.Write(piece.Data.Span);
            },
            CancellationToken.None);
    }
}
