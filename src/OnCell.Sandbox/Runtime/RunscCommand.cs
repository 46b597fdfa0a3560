using System.Diagnostics;
using System.Text.Json;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>Calls of the program runsc, each with a time-out.</summary>
internal sealed class RunscCommand(RunscOptions options)
{
    private const int MaxErrorChars = 64 << 10;

    // runsc gets /dev/null as its three streams, because the sandbox keeps them; its own words come over descriptor 3, which
    // it does not hand on. So the pipe ends with runsc, and the sandbox holds nothing of this process. setsid: a signal to
    // this process's terminal group is not for the sandbox.
    private const string Detach = """exec setsid "$@" 3>&2 </dev/null >/dev/null 2>/dev/null""";

    // The same, with two pipes that stay open, and a file for what the guest has to say while it waits.
    private const string DetachWaiting = """exec setsid "$@" 3>&2 2>"$0" """;

    /// <summary>Gets runsc's own folder of state. No sandbox id starts with a dot.</summary>
    internal string Root { get; } = Path.Combine(options.RuntimeRoot, ".runsc");

    /// <summary>Asks runsc for its version.</summary>
    internal Task<string> VersionAsync(CancellationToken cancellationToken) =>
        HostCommand.RunCheckedAsync(options.RunscPath, ["--version"], options.CommandTimeout, cancellationToken);

    /// <summary>Creates and starts a sandbox that outlives this process.</summary>
    /// <exception cref="SandboxException">runsc refused, with its reason, or did not end in time.</exception>
    internal Task RunDetachedAsync(RuntimeFolder folder, bool gpu, CancellationToken cancellationToken) =>
        DetachAsync("start", folder, gpu ? ["--nvproxy=true", "run", "-detach"] : ["run", "-detach"], cancellationToken);

    /// <summary>Creates and starts a sandbox whose first process waits on its standard input, and returns once it does.</summary>
    /// <returns>That input. The process ends when it is closed, also by the end of this process.</returns>
    /// <exception cref="SandboxException">runsc refused, with its reason, or did not end in time.</exception>
    internal async Task<Stream> RunWaitingAsync(RuntimeFolder folder, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = Detached(DetachWaiting, folder.LastWordsFile, folder, ["run", "-detach"]) };
        process.StartInfo.RedirectStandardInput = true;
        process.StartInfo.RedirectStandardOutput = true;
        HostCommand.Start(process);
        var input = process.StandardInput.BaseStream; // asked for, it stays open when the process is let go
        await using var output = process.StandardOutput.BaseStream;
        try
        {
            await WaitDetachedAsync(process, "boot", folder, cancellationToken).ConfigureAwait(false);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(options.StartTimeout);
            return await output.ReadAsync(new byte[1], limit.Token).ConfigureAwait(false) == 1
                ? input
                : throw new SandboxException($"Sandbox {folder.Name} ended as it started: {folder.ReadLastWords()}");
        }
        catch
        {
            await input.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts a sandbox from a checkpoint; it outlives this process.</summary>
    /// <exception cref="SandboxException">runsc refused, with its reason, or did not end in time.</exception>
    internal Task RestoreDetachedAsync(RuntimeFolder folder, string image, CancellationToken cancellationToken) =>
        DetachAsync("restore", folder, ["restore", "-detach", "-image-path", image], cancellationToken);

    /// <summary>Writes a sandbox's memory and processes to a folder. The sandbox ends with it.</summary>
    /// <exception cref="SandboxException">runsc refused, with its reason, or did not end in time.</exception>
    internal Task CheckpointAsync(RuntimeFolder folder, string image, CancellationToken cancellationToken) =>
        HostCommand.RunCheckedAsync(
            options.RunscPath,
            [.. GlobalArguments(), "checkpoint", "-compression=none", "-exclude-committed-zero-pages", "-image-path", image, folder.Name],
            options.CheckpointTimeout, cancellationToken);

    private async Task DetachAsync(string what, RuntimeFolder folder, string[] command, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = Detached(Detach, "sh", folder, command) };
        HostCommand.Start(process);
        await WaitDetachedAsync(process, what, folder, cancellationToken).ConfigureAwait(false);
    }

    private ProcessStartInfo Detached(string script, string name, RuntimeFolder folder, string[] command)
    {
        var program = HostCommand.Find(options.RunscPath)
            ?? throw new SandboxException($"'{options.RunscPath}' is not installed. {RunscVersion.Fix}");
        return new ProcessStartInfo("/bin/sh", [
            "-c", script, name, program, "--log-fd=3", "--log-format=json", .. GlobalArguments(),
            .. command, "-bundle", folder.Bundle, "-pid-file", folder.PidFile, folder.Name])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
    }

    /// <summary>Waits until runsc has handed the sandbox over.</summary>
    private async Task WaitDetachedAsync(Process process, string what, RuntimeFolder folder, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.StartTimeout);
        try
        {
            var words = new char[MaxErrorChars];
            var count = await process.StandardError.ReadBlockAsync(words, limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new SandboxException($"runsc could not {what} sandbox {folder.Name}: {Reason(new string(words, 0, count))}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SandboxException(
                $"runsc did not {what} sandbox {folder.Name} within {options.StartTimeout.TotalSeconds:0.#} s (platform {options.Platform}).");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Gets the arguments that every call needs alike, as they decide what the sandbox may do.</summary>
    internal string[] GlobalArguments() => [$"--root={Root}", .. SandboxPolicy.RunscArguments(options.Platform)];

    /// <summary>Takes the messages of the errors out of runsc's JSON log lines.</summary>
    internal static string Reason(string log)
    {
        var messages = new List<string>();
        foreach (var line in log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            try
            {
                using var entry = JsonDocument.Parse(line);
                if (entry.RootElement.TryGetProperty("msg", out var message))
                    messages.Add(message.GetString() ?? "");
            }
            catch (JsonException)
            {
                messages.Add(line); // a Go panic is not JSON
            }
        }

        return messages.Count > 0 ? string.Join("; ", messages) : "it gave no reason";
    }
}
