using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace OnCell.Sandboxes.Host;

/// <summary>A loop device over an image file. The kernel frees it by itself when nothing has it open or mounted any more.</summary>
/// <remarks>See <see href="https://man7.org/linux/man-pages/man4/loop.4.html">loop(4)</see>; needs Linux 5.8 (LOOP_CONFIGURE).</remarks>
internal sealed class LoopDevice : IDisposable
{
    private const nuint GetFree = 0x4C82;
    private const nuint Configure = 0x4C0A;
    private const uint Autoclear = 4;

    // struct loop_config: u32 fd, u32 block_size, struct loop_info64 (232 bytes), u64 reserved[8].
    private const int ConfigBytes = 4 + 4 + 232 + 64;
    private const int FlagsOffset = 8 + 52;
    private const int NameOffset = 8 + 56;
    private const int NameBytes = 63;

    private const int Attempts = 64;

    private static readonly TimeSpan DetachWait = TimeSpan.FromMilliseconds(5);
    private const int DetachAttempts = 12_000; // a minute: on a crowded machine a starting process may hold its copy for seconds

    private int _descriptor;

    private LoopDevice(string path, int descriptor) => (Path, _descriptor) = (path, descriptor);

    /// <summary>Gets the device node, such as <c>/dev/loop7</c>.</summary>
    internal string Path { get; }

    /// <summary>Attaches an image to a free device. Dispose once it is mounted: the mount then keeps it.</summary>
    /// <exception cref="SandboxException">No device could be had.</exception>
    internal static LoopDevice Attach(string imagePath)
    {
        using var image = File.OpenHandle(imagePath, FileMode.Open, FileAccess.ReadWrite);
        var control = Libc.Open("/dev/loop-control", Libc.ReadWrite | Libc.CloseOnExec);
        if (control < 0)
            throw Failure(imagePath, "opening /dev/loop-control", Marshal.GetLastPInvokeError());
        try
        {
            // Between asking for a free device and taking it, another process may take it: then ask again.
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var number = Libc.Control(control, GetFree, 0);
                if (number < 0)
                    throw Failure(imagePath, "asking for a free loop device", Marshal.GetLastPInvokeError());
                var path = $"/dev/loop{number}";
                var device = Libc.Open(path, Libc.ReadWrite | Libc.CloseOnExec);
                if (device < 0)
                {
                    var openError = Marshal.GetLastPInvokeError();
                    if (openError == Libc.NoSuchEntry)
                        continue; // the node appears a moment after the number was given out
                    throw Failure(imagePath, $"opening {path}", openError);
                }

                var error = TryConfigure(device, (int)image.DangerousGetHandle(), imagePath);
                if (error == 0)
                    return new LoopDevice(path, device);
                Libc.Close(device);
                if (error != Libc.DeviceBusy)
                    throw Failure(imagePath, $"attaching it to {path}", error);
            }
        }
        finally
        {
            Libc.Close(control);
        }

        throw new SandboxException($"No free loop device for {imagePath} after {Attempts} tries; see 'losetup -a'.");
    }

    /// <summary>Waits until no device is attached to an image any more.</summary>
    /// <remarks>
    /// A process that is just starting elsewhere may hold a copy of the mount for a moment after it was unmounted here. Were
    /// the image then attached a second time, two file systems would write to it at once.
    /// </remarks>
    /// <exception cref="SandboxException">Something holds it for longer than a moment.</exception>
    internal static async Task WaitDetachedAsync(string imagePath, CancellationToken cancellationToken)
    {
        for (var attempt = 0; FindAttached(imagePath) is { } device; attempt++)
        {
            if (attempt == DetachAttempts)
                throw new SandboxException(
                    $"{imagePath} is still attached to {device}: something keeps its file system mounted; see 'grep {device} /proc/*/mountinfo'.");
            await Task.Delay(DetachWait, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string? FindAttached(string imagePath)
    {
        foreach (var device in Directory.GetDirectories("/sys/block", "loop*"))
        {
            try
            {
                if (File.ReadAllText(device + "/loop/backing_file").TrimEnd('\n') == imagePath)
                    return "/dev/" + System.IO.Path.GetFileName(device);
            }
            catch (IOException)
            {
                // not attached, or just detached
            }
        }

        return null;
    }

    public void Dispose()
    {
        if (_descriptor >= 0)
            Libc.Close(_descriptor);
        _descriptor = -1;
    }

    private static int TryConfigure(int device, int image, string name)
    {
        Span<byte> config = stackalloc byte[ConfigBytes];
        config.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(config, image);
        BinaryPrimitives.WriteUInt32LittleEndian(config[FlagsOffset..], Autoclear);
        Encoding.UTF8.TryGetBytes(name.Length > NameBytes ? name[^NameBytes..] : name, config.Slice(NameOffset, NameBytes), out _);
        unsafe
        {
            fixed (byte* pointer = config)
                return Libc.Control(device, Configure, (nint)pointer) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    private static SandboxException Failure(string image, string what, int error) => new(
        $"The volume {image} could not be attached: {what} failed: {Libc.Describe(error)}. "
        + "Loop devices need root and the kernel's loop module ('modprobe loop').");
}
