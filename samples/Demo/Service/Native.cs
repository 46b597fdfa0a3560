using System.Runtime.InteropServices;

namespace OnCell.Demo.Service;

/// <summary>Signals, which .NET sends to no other process.</summary>
internal static partial class Native
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    /// <summary>Sends a signal; a process that has ended already is no error.</summary>
    public static void Signal(int pid, int signal) => _ = Kill(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
