using System.Globalization;

namespace OnCell.Sandboxes.Host;

/// <summary>The processes of the host, told apart by their command lines.</summary>
internal static class HostProcesses
{
    private const int SettleAttempts = 1000;

    /// <summary>Finds processes by the words of their command lines. Zombies and threads that are ending have none.</summary>
    internal static IReadOnlyList<int> Find(Func<string[], bool> isOne) =>
        [.. Directory.GetDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && isOne(Arguments(pid)))];

    /// <summary>Gets the words of a process's command line; none where it has ended.</summary>
    internal static string[] Arguments(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // it ended while being looked at
        }
    }

    /// <summary>Kills what is found, again and again, and returns when nothing is.</summary>
    /// <param name="find">Finds what is left.</param>
    /// <param name="whose">Whose processes they are, for the error.</param>
    /// <param name="settle">How long to wait before looking again; given up after 1,000 times.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="SandboxException">Something does not end.</exception>
    internal static async Task KillAsync(Func<IReadOnlyList<int>> find, string whose, TimeSpan settle, CancellationToken cancellationToken)
    {
        for (var attempt = 0; find() is { Count: > 0 } processes; attempt++)
        {
            if (attempt == SettleAttempts)
                throw new SandboxException($"Processes {string.Join(", ", processes)} of {whose} do not end although they were killed.");
            foreach (var pid in processes)
                _ = Libc.Kill(pid, Libc.SigKill); // one that ended in between is no error
            await Task.Delay(settle, cancellationToken).ConfigureAwait(false);
        }
    }
}
