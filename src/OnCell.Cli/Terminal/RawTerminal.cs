using System.Runtime.InteropServices;

namespace OnCell.Cli.Terminal;

/// <summary>Makes this terminal hand on every key as it is, and puts it back as it was.</summary>
/// <remarks>By system calls: the runtime undoes what a child process such as <c>stty</c> did to the terminal when the child ends.</remarks>
internal sealed partial class RawTerminal : IDisposable
{
    private const int StandardInput = 0;
    private const int Now = 0;

    /// <summary>More than any system's <c>struct termios</c>, which is handed through and never read here.</summary>
    private const int SettingsBytes = 256;

    private readonly byte[] _before;

    private RawTerminal(byte[] before) => _before = before;

    /// <exception cref="UsageException">There is no terminal.</exception>
    public static RawTerminal Enter()
    {
        var before = new byte[SettingsBytes];
        if (Console.IsInputRedirected || Console.IsOutputRedirected || GetSettings(StandardInput, before) != 0)
            throw new UsageException("cells shell needs a terminal; for one command use an agent's method: oncell run.");
        var raw = (byte[])before.Clone();
        MakeRaw(raw);
        if (SetSettings(StandardInput, Now, raw) != 0) throw new UsageException("this terminal cannot be made to hand on every key.");
        return new RawTerminal(before);
    }

    public void Dispose() => _ = SetSettings(StandardInput, Now, _before);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetSettings(int descriptor, [Out] byte[] settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetSettings(int descriptor, int when, byte[] settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw([In, Out] byte[] settings);
}
