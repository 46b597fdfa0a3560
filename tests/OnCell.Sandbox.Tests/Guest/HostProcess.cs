using System.Diagnostics;
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

    public static bool IsWanted => Environment.GetEnvironmentVariable(Variable) is not null;

    /// <summary>Attaches to the command and prints its standard output as it comes.</summary>
    public static async Task<int> RunAsync()
    {
        using var output = Console.OpenStandardOutput();
        await using var channel = GuestChannel.Listen(
            Environment.GetEnvironmentVariable(Variable)!, NullLogger.Instance);
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
        return 0;
    }
}
