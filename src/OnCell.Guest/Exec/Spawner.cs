using OnCell.Guest.Native;

namespace OnCell.Guest.Exec;

/// <summary>The command could not be started; the message is for its caller.</summary>
internal sealed class StartFailedException(string message) : Exception(message);

/// <summary>What a child process is made of.</summary>
internal sealed record ChildSpec(
    string Program, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment, string WorkingDirectory,
    ChildDescriptors Streams);

/// <summary>Starts a process in a session and process group of its own.</summary>
/// <remarks><c>posix_spawn</c> and not <c>fork</c>: it shares the address space until <c>exec</c>, which under gVisor saves most of the time.</remarks>
internal static unsafe class Spawner
{
    // More than any libc's opaque types take (336, 80 and 128 bytes in glibc).
    private const int OpaqueBytes = 512;

    public static int Spawn(ChildSpec spec)
    {
        var attributes = stackalloc byte[OpaqueBytes];
        var actions = stackalloc byte[OpaqueBytes];
        var none = stackalloc byte[OpaqueBytes];
        var all = stackalloc byte[OpaqueBytes];
        _ = Libc.sigemptyset(none);
        _ = Libc.sigfillset(all);
        Check(Libc.posix_spawnattr_init(attributes));
        Check(Libc.posix_spawn_file_actions_init(actions));
        if (spec.Arguments.Concat(spec.Environment).Any(text => text.Contains('\0')))
            throw new StartFailedException("an argument or variable contains a zero byte");
        try
        {
            using var arguments = new CStringList(spec.Arguments);
            using var environment = new CStringList(spec.Environment);
            using var program = new CString(spec.Program);
            using var folder = new CString(spec.WorkingDirectory);
            // The runtime ignores SIGPIPE, and children would inherit that: `yes | head` would never end.
            Check(Libc.posix_spawnattr_setsigdefault(attributes, all));
            Check(Libc.posix_spawnattr_setsigmask(attributes, none));
            Check(Libc.posix_spawnattr_setflags(
                attributes, Linux.SpawnSetSignalDefaults | Linux.SpawnSetSignalMask | Linux.SpawnNewSession));
            Check(Libc.posix_spawn_file_actions_addchdir_np(actions, folder));
            AddStreams(actions, spec.Streams);
            int pid;
            var error = Libc.posix_spawn(&pid, program, actions, attributes, arguments, environment);
            return error == 0
                ? pid
                : throw new StartFailedException($"{spec.Program}: {ErrnoException.Describe(error)}");
        }
        finally
        {
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            _ = Libc.posix_spawnattr_destroy(attributes);
        }
    }

    private static void AddStreams(void* actions, ChildDescriptors streams)
    {
        if (streams.Terminal is null)
        {
            Check(Libc.posix_spawn_file_actions_adddup2(actions, streams.Input, 0));
            Check(Libc.posix_spawn_file_actions_adddup2(actions, streams.Output, 1));
            Check(Libc.posix_spawn_file_actions_adddup2(actions, streams.Error, 2));
            return;
        }
        // The leader of a new session gets the first terminal it opens for its own.
        using var terminal = new CString(streams.Terminal);
        Check(Libc.posix_spawn_file_actions_addopen(actions, 0, terminal, Linux.OpenReadWrite, 0));
        Check(Libc.posix_spawn_file_actions_adddup2(actions, 0, 1));
        Check(Libc.posix_spawn_file_actions_adddup2(actions, 0, 2));
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new ErrnoException(error, "preparing a process");
    }
}
