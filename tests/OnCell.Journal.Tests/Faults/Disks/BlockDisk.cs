using System.Diagnostics;

namespace OnCell.Journal.Tests.Faults.Disks;

/// <summary>
/// A real ext4 on a loop device. The image behind it holds what the file system has sent to its disk: a copy of it, taken while
/// nobody writes, is what would be found after the power was cut. Files, folders and the database are cut alike.
/// </summary>
internal sealed class BlockDisk : IDisposable
{
    private const int Megabytes = 32;
    private readonly string _image;

    /// <summary>Makes a disk; needs root, like the volumes of cells.</summary>
    public BlockDisk(string folder)
    {
        Directory.CreateDirectory(folder);
        _image = Path.Combine(folder, "disk.img");
        using (var file = File.Create(_image))
            file.SetLength(Megabytes * 1024L * 1024);
        Run("mkfs.ext4", "-q", "-F", _image);
        Root = Mount(_image);
    }

    private BlockDisk(string image, string root) => (_image, Root) = (image, root);

    /// <summary>Gets the folder the disk is mounted at.</summary>
    public string Root { get; }

    /// <summary>Copies what the disk holds now: what was synced, and nothing of what was only written.</summary>
    /// <remarks>No timer of the kernel's writes it out meanwhile: they are set to minutes, and a test takes seconds.</remarks>
    public void CutTo(string image) => Run("cp", "--sparse=always", _image, image);

    /// <summary>Mounts what a cut left, which lets ext4 recover first.</summary>
    public static BlockDisk Open(string image) => new(image, Mount(image));

    public void Dispose()
    {
        // A moment after the last file was closed the kernel may still hold the mount.
        for (var attempt = 0; TryRun("umount", Root) is { Length: > 0 } complaint; attempt++)
        {
            if (attempt == 200)
                throw new IOException(complaint);
            Thread.Sleep(50);
        }

        Directory.Delete(Root);
    }

    private static string Mount(string image)
    {
        var root = Directory.CreateDirectory(image + ".mnt").FullName;
        Run("mount", "-o", "loop,commit=600,noatime", image, root);
        return root;
    }

    private static void Run(string program, params string[] arguments)
    {
        if (TryRun(program, arguments) is { Length: > 0 } complaint)
            throw new IOException($"{program} {string.Join(' ', arguments)}: {complaint}");
    }

    private static string TryRun(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"exit code {process.ExitCode} {complaint}";
    }
}
