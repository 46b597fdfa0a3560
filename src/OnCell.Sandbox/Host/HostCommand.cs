using System.Diagnostics;
using System.Text;

namespace OnCell.Sandboxes.Host;

/// <summary>How a host program ended, with the end of what it wrote.</summary>
internal sealed record HostCommandResult(int ExitCode, string Output, string Error)
{
    private const int ReasonPart = 600;

    /// <summary>Gets the first and the last words of the program, for an error message.</summary>
    internal string Reason => (Error.Length > 0 ? Error : Output).Trim() switch
    {
        "" => "it wrote nothing",
        { Length: > 2 * ReasonPart } text => $"{text[..ReasonPart]} [...] {text[^ReasonPart..]}",
        var text => text,
    };
}

/// <summary>Runs a host program with a time-out and bounded output.</summary>
internal static class HostCommand
{
    private const int MaxOutputChars = 4 << 20;

    /// <exception cref="SandboxException">The program is missing or ran longer than the time-out (it is then killed).</exception>
    internal static async Task<HostCommandResult> RunAsync(
        string program, IEnumerable<string> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = StartInfo(program, arguments) };
        Start(process);
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            var output = ReadAsync(process.StandardOutput, limit.Token);
            var error = ReadAsync(process.StandardError, limit.Token);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return new HostCommandResult(
                process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SandboxException($"'{program}' did not end within {timeout.TotalSeconds:0.#} s and was killed.");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Runs a program that must succeed.</summary>
    /// <exception cref="SandboxException">It is missing, ran too long or ended with another code than 0.</exception>
    internal static async Task<string> RunCheckedAsync(
        string program, IEnumerable<string> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var result = await RunAsync(program, arguments, timeout, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0
            ? result.Output
            : throw new SandboxException($"'{program}' failed with exit code {result.ExitCode}: {result.Reason}");
    }

    /// <summary>Finds a program in PATH and the system folders, as a service's PATH often lacks the latter.</summary>
    internal static string? Find(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
            return File.Exists(program) ? program : null;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"]);
        return folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    internal static void Start(Process process)
    {
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new SandboxException(
                $"'{process.StartInfo.FileName}' could not be started: {error.Message}. Install it, or run eng/setup.sh as root.", error);
        }
    }

    private static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(Find(program) ?? program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        info.Environment["LC_ALL"] = "C";
        return info;
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var kept = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            kept.Append(buffer, 0, count);
            if (kept.Length > MaxOutputChars)
                kept.Remove(0, kept.Length - MaxOutputChars);
        }

        return kept.ToString();
    }
}
