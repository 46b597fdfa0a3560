using System.Diagnostics;

namespace OnCell.Tests;

/// <summary>Programs of the machine that tests need.</summary>
internal static class HostProgram
{
    /// <summary>Runs a program to its end; it ends with the wait.</summary>
    /// <returns>What it wrote.</returns>
    /// <exception cref="InvalidOperationException">It did not end with 0; the message is what it wrote.</exception>
    public static async Task<string> RunAsync(string program, string[] arguments, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (limit is { } most) end.CancelAfter(most);
        try
        {
            var error = process.StandardError.ReadToEndAsync(end.Token);
            var output = await process.StandardOutput.ReadToEndAsync(end.Token);
            await process.WaitForExitAsync(end.Token);
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await error}{output}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
