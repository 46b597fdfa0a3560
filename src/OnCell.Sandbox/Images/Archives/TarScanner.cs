using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace OnCell.Sandboxes.Images.Archives;

/// <summary>
/// Reads tar archives of strangers: ustar, with the extensions of pax and GNU that images use. The reader of .NET holds an
/// extended header in memory whatever its size is; here everything has a limit.
/// </summary>
/// <remarks>See <see href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html">pax</see>.</remarks>
internal sealed class TarScanner(Stream stream)
{
    private const int Block = 512;
    private const int MaxHeaderBytes = 1 << 20;

    private static readonly UTF8Encoding Text = new(false, throwOnInvalidBytes: true);

    private readonly byte[] _header = new byte[Block];
    private long _left;
    private long _padding;

    /// <summary>Gets how many bytes were read, headers and padding included.</summary>
    internal long Position { get; private set; }

    /// <summary>Reads the next entry; <see langword="null"/> at the end. What is left of the one before is skipped.</summary>
    /// <exception cref="ImageFormatException">The archive is damaged.</exception>
    internal TarItem? Next()
    {
        var extended = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            SkipRest();
            if (!TryReadHeader())
                return null;
            var size = Number(124, 12);
            if (size < 0)
                throw Damaged("an entry has a negative size");
            var type = (char)_header[156];
            switch (type)
            {
                case 'x':
                    ReadPax(Metadata(size), extended);
                    continue;
                case 'g':
                    Metadata(size); // global headers hold comments
                    continue;
                case 'L':
                    extended["path"] = Decode(Metadata(size)).TrimEnd('\0');
                    continue;
                case 'K':
                    extended["linkpath"] = Decode(Metadata(size)).TrimEnd('\0');
                    continue;
                case 'S':
                    throw Damaged("it has a sparse file, which is not supported: save the image anew");
                default:
                    return Item(type, size, extended);
            }
        }
    }

    /// <summary>Reads bytes of the current entry; 0 at its end.</summary>
    internal int Read(Span<byte> buffer)
    {
        if (_left == 0)
            return 0;
        var count = stream.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        if (count == 0)
            throw Truncated();
        _left -= count;
        Position += count;
        return count;
    }

    private TarItem Item(char type, long size, Dictionary<string, string> extended)
    {
        var name = extended.GetValueOrDefault("path") ?? Name();
        var link = extended.GetValueOrDefault("linkpath") ?? Field(157, 100);
        if (extended.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal)))
            throw Damaged("it has a sparse file, which is not supported: save the image anew");
        if (extended.TryGetValue("size", out var longSize))
            size = Integer(longSize);
        var kind = type switch
        {
            '0' or '\0' or '7' => name.EndsWith('/') ? TarKind.Folder : TarKind.File,
            '5' => TarKind.Folder,
            '2' => TarKind.SymbolicLink,
            '1' => TarKind.HardLink,
            '3' or '4' => TarKind.Device,
            '6' => TarKind.Fifo,
            _ => throw Damaged($"entry \"{Shown(name)}\" is of the unknown kind '{Shown(type.ToString())}'"),
        };
        if (name.Contains('\0') || link.Contains('\0'))
            throw Damaged("a name has a zero byte");
        if (kind != TarKind.File)
        {
            if (size != 0 && kind != TarKind.HardLink)
                throw Damaged($"entry \"{Shown(name)}\" has content and is no file");
            size = 0;
        }

        _left = size;
        _padding = (Block - (size % Block)) % Block;
        var modified = extended.TryGetValue("mtime", out var time) ? Integer(time.Split('.')[0]) : Number(136, 12);
        return new TarItem(name, kind, link, (int)(Number(100, 8) & 0xFFF), Owner("uid", 108), Owner("gid", 116), modified, size);

        uint Owner(string key, int offset)
        {
            var id = extended.TryGetValue(key, out var text) ? Integer(text) : Number(offset, 8);
            return id is >= 0 and < uint.MaxValue ? (uint)id : throw Damaged($"entry \"{Shown(name)}\" belongs to nobody possible");
        }
    }

    private bool TryReadHeader()
    {
        var count = stream.ReadAtLeast(_header, Block, throwOnEndOfStream: false);
        Position += count;
        if (count == 0)
            return false; // some writers leave the end mark out
        if (count < Block)
            throw Truncated();
        if (!_header.AsSpan().ContainsAnyExcept((byte)0))
            return false;
        long sum = 8 * ' ';
        for (var i = 0; i < Block; i++)
            sum += i is >= 148 and < 156 ? 0 : _header[i];
        return sum == Number(148, 8) ? true : throw Damaged("the checksum of a header is wrong");
    }

    private byte[] Metadata(long size)
    {
        if (size > MaxHeaderBytes)
            throw Damaged($"an extended header has {size} bytes; {MaxHeaderBytes} are the most");
        var data = new byte[size];
        _left = size;
        _padding = (Block - (size % Block)) % Block;
        for (var filled = 0; filled < data.Length;)
            filled += Read(data.AsSpan(filled));
        return data;
    }

    // "LENGTH KEY=VALUE\n", the length in bytes and of the whole.
    private static void ReadPax(ReadOnlySpan<byte> data, Dictionary<string, string> extended)
    {
        while (data.Length > 0)
        {
            var space = data.IndexOf((byte)' ');
            if (space is < 1 or > 10 || !int.TryParse(data[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > data.Length || data[length - 1] != '\n')
                throw Damaged("an extended header is malformed");
            var record = data[(space + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals < 1)
                throw Damaged("an extended header is malformed");
            var key = Encoding.Latin1.GetString(record[..equals]);
            // Extended attributes (capabilities of files among them) are left behind on purpose.
            if (key is "path" or "linkpath" or "size" or "uid" or "gid" or "mtime" || key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
                extended[key] = Decode(record[(equals + 1)..]);
            data = data[length..];
        }
    }

    private string Name()
    {
        var name = Field(0, 100);
        var prefix = _header.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Field(345, 155) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    private string Field(int offset, int length)
    {
        var field = _header.AsSpan(offset, length);
        var end = field.IndexOf((byte)0);
        return Decode(end < 0 ? field : field[..end]);
    }

    // Octal digits, or GNU's big-endian binary for what does not fit.
    private long Number(int offset, int length)
    {
        var field = _header.AsSpan(offset, length);
        if ((field[0] & 0x80) != 0)
        {
            Span<byte> wide = stackalloc byte[16];
            wide.Clear();
            field.CopyTo(wide[(16 - length)..]);
            wide[16 - length] &= 0x7F;
            var value = BinaryPrimitives.ReadInt64BigEndian(wide[8..]);
            return value >= 0 && !wide[..8].ContainsAnyExcept((byte)0) ? value : throw Damaged("a number is too large");
        }

        var number = 0L;
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                throw Damaged("a number is malformed");
            number = (number * 8) + (digit - '0');
        }

        return number;
    }

    private void SkipRest()
    {
        Span<byte> sink = stackalloc byte[4096];
        _left += _padding;
        _padding = 0;
        while (_left > 0)
            Read(sink);
    }

    private static long Integer(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value > long.MinValue / 2
            ? value : throw Damaged("a number is malformed");

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Text.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new ImageFormatException("The archive has a name that is not UTF-8.", error);
        }
    }

    internal static string Shown(string name) =>
        new([.. name.Take(200).Select(c => char.IsControl(c) ? '?' : c)]);

    private static ImageFormatException Damaged(string what) => new($"The archive is damaged: {what}.");

    private static ImageFormatException Truncated() => new("The archive is damaged: it ends in the middle of an entry.");
}
