using System.Diagnostics;

namespace OnCell.Demo;

/// <summary>A program of the host failed.</summary>
public sealed class ToolException(string message) : Exception(message);

/// <summary>Runs programs of the host to their end.</summary>
public static class Tool
{
    /// <summary>Runs a program and gets its standard output.</summary>
    /// <exception cref="ToolException">It could not be started, or its exit code is not 0.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Start(start);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new ToolException($"{program} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {(await error).Trim()}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ToolException($"{start.FileName} cannot be started: {e.Message}");
        }
    }
}
