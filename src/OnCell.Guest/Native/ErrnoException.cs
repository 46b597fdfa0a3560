using System.Runtime.InteropServices;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Native;

/// <summary>A system call failed.</summary>
internal sealed class ErrnoException(int error, string what) : Exception($"{what}: {Describe(error)}")
{
    public int Error { get; } = error;

    public bool IsNoSpace => Error is Errno.ENOSPC or Errno.EDQUOT;

    public ErrorCode Code => Error switch
    {
        Errno.ENOENT => ErrorCode.NotFound,
        Errno.EEXIST or Errno.ENOTEMPTY => ErrorCode.Exists,
        Errno.EPERM or Errno.EACCES => ErrorCode.AccessDenied,
        Errno.ENOTDIR or Errno.EISDIR or Errno.EINVAL or Errno.ENAMETOOLONG or Errno.ELOOP or Errno.EXDEV => ErrorCode.Invalid,
        Errno.ENOSPC or Errno.EDQUOT => ErrorCode.NoSpace,
        _ => ErrorCode.Io,
    };

    public static ErrnoException Last(string what) => new(Marshal.GetLastPInvokeError(), what);

    /// <summary>The words of libc's table, of which only some are linked with a reason: the usual ones.</summary>
    public static string Describe(int error) => error switch
    {
        Errno.EPERM => "not permitted",
        Errno.ENOENT => "no such file or folder",
        Errno.EIO => "input/output error",
        Errno.ENOEXEC => "not a program this machine can run",
        Errno.EACCES => "permission denied",
        Errno.EEXIST => "it exists already",
        Errno.EXDEV => "source and target are on different file systems",
        Errno.ENOTDIR => "not a folder",
        Errno.EISDIR => "it is a folder",
        Errno.EINVAL => "invalid argument",
        Errno.ENOSPC => "no space left: the cell's storage is full",
        Errno.ENAMETOOLONG => "the name is too long",
        Errno.ENOTEMPTY => "the folder is not empty",
        Errno.ELOOP => "too many symbolic links",
        Errno.EDQUOT => "the disk quota is used up",
        _ => $"error {error}",
    };
}
