using System.Diagnostics;

namespace OnCell.Cli.Terminal;

/// <summary>Makes this terminal hand on every key as it is, and puts it back as it was.</summary>
internal sealed class RawTerminal : IDisposable
{
    private readonly string _before;

    private RawTerminal(string before) => _before = before;

    /// <exception cref="UsageException">There is no terminal.</exception>
    public static RawTerminal Enter()
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected) throw new UsageException("cells shell needs a terminal; for one command use an agent's method: oncell run.");
        var before = Stty("-g").Trim();
        Stty("raw", "-echo");
        return new RawTerminal(before);
    }

    public void Dispose() => Stty(_before);

    private static string Stty(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("stty", arguments) { RedirectStandardOutput = true })
            ?? throw new UsageException("stty, which prepares the terminal, could not be started.");
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return answer;
    }
}
