using System.Buffers.Binary;

namespace OnCell.Deployments;

/// <summary>Bounds a zip's list of files before it is read: each entry of it becomes objects, however many there are.</summary>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054b50;
    private const int EndLength = 22;
    private const int MaxComment = ushort.MaxValue;
    private const int DiskAt = 4;
    private const int EntriesAt = 10;
    private const int SizeAt = 12;
    private const int OffsetAt = 16;

    /// <summary>A path of the length that is taken and what tools add (times, owners), twice.</summary>
    private const int BytesPerFile = 600;

    /// <summary>Checks how many files a zip says it has and how large their list is; what has no list is left to the reader to refuse.</summary>
    /// <exception cref="OnCellException">It has too many, or a list that is too large for as many.</exception>
    public static async Task CheckAsync(string path, int maxFiles, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        var tail = new byte[Math.Min(file.Length, EndLength + MaxComment)];
        file.Seek(-tail.Length, SeekOrigin.End);
        await file.ReadExactlyAsync(tail, cancellationToken).ConfigureAwait(false);
        if (FindEnd(tail) is not (>= 0 and var at)) return;
        var (entries, size, offset) = (Short(tail, at + EntriesAt), Long(tail, at + SizeAt), Long(tail, at + OffsetAt));
        if (entries > maxFiles && entries != ushort.MaxValue) throw PackageArchive.Refused($"has {entries} files; at most {maxFiles} are taken");
        if (entries == ushort.MaxValue || Short(tail, at + DiskAt) == ushort.MaxValue || size == uint.MaxValue || offset == uint.MaxValue)
            throw PackageArchive.Refused($"is a Zip64 archive, which {maxFiles} files, the most that are taken, do not need");

        // The reader goes on for as long as there are entries, whatever their number and size are said to be.
        var list = file.Length - tail.Length + at - offset;
        if (list > (long)maxFiles * BytesPerFile)
            throw PackageArchive.Refused($"has a list of files of {list >> 10} KB, more than {maxFiles} files need");
    }

    /// <summary>Finds the last end record, as the reader does.</summary>
    private static int FindEnd(byte[] tail)
    {
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (Long(tail, at) == EndSignature) return at;
        }

        return -1;
    }

    private static ushort Short(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint Long(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}
