using OnCell.Guest.Native;

namespace OnCell.Guest.Git;

/// <summary>The <c>git-credential</c> mode: git's question goes to the host and the host's answer to git.</summary>
/// <remarks>See <see href="https://git-scm.com/docs/git-credential#IOFMT"/>. Nothing is kept in the cell: <c>store</c> and <c>erase</c> do nothing.</remarks>
internal static class CredentialRelay
{
    private const int MaxRequestBytes = 64 * 1024;

    public static int Run(string operation, string socketPath)
    {
        if (operation != "get")
            return 0;
        using var host = Sockets.TryConnectUnix(socketPath);
        if (host is null)
        {
            Log.Line("no credentials: the host service does not answer at the moment");
            return 1;
        }
        CopyRequest(new Fd(0), host);
        CopyAnswer(host, new Fd(1));
        return 0;
    }

    /// <summary>Copies up to the end of input; an empty line for the host closes it.</summary>
    private static void CopyRequest(Fd git, Fd host)
    {
        var buffer = new byte[MaxRequestBytes];
        var length = 0;
        while (length < buffer.Length && git.Read(buffer.AsSpan(length)) is > 0 and var count)
        {
            length += count;
            if (buffer.AsSpan(0, length).EndsWith("\n\n"u8))
                break;
        }
        var request = buffer.AsSpan(0, length).TrimEnd((byte)'\n');
        host.Write(request, "\n\n"u8);
        _ = Libc.shutdown(host.Number, Linux.ShutdownWrite);
    }

    private static void CopyAnswer(Fd host, Fd git)
    {
        var buffer = new byte[4096];
        while (host.Read(buffer) is > 0 and var count)
            git.Write(buffer.AsSpan(0, count));
    }
}
