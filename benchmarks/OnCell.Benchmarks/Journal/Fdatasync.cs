using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OnCell.Benchmarks.Journal;

/// <summary>The bare cost of durability here: append 4 KiB, fdatasync, as often as a journal would.</summary>
internal static partial class Fdatasync
{
    private const int BlockBytes = 4_096;

    /// <summary>Measures appends with a sync each.</summary>
    /// <returns>Microseconds of each, sorted.</returns>
    public static double[] Measure(string folder, int count)
    {
        var path = Path.Combine(folder, "fdatasync.bin");
        var block = new byte[BlockBytes];
        Random.Shared.NextBytes(block);
        var times = new double[count];
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
        {
            for (var i = 0; i < count; i++)
            {
                var began = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, block, (long)i * BlockBytes);
                if (Sync(file) != 0)
                    throw new IOException($"fdatasync: {Marshal.GetLastPInvokeErrorMessage()}");
                times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            }
        }

        File.Delete(path);
        Array.Sort(times);
        return times;
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle file);
}
