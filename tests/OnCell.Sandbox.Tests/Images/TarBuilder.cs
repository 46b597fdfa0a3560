using System.Text;

namespace OnCell.Sandbox.Tests.Images;

/// <summary>Writes tar archives with any content, however hostile: header by header, unchecked.</summary>
internal sealed class TarBuilder
{
    private readonly List<byte> _archive = [];

    internal TarBuilder File(string name, string text, int mode = 0b110_100_100) => Add('0', name, Encoding.UTF8.GetBytes(text), mode: mode);

    internal TarBuilder File(string name, byte[] content, int mode = 0b110_100_100) => Add('0', name, content, mode: mode);

    internal TarBuilder Folder(string name, int mode = 0b111_101_101) => Add('5', name + "/", mode: mode);

    internal TarBuilder Link(string name, string target) => Add('2', name, link: target, mode: 0b111_111_111);

    internal TarBuilder HardLink(string name, string target) => Add('1', name, link: target);

    /// <summary>Adds an entry as it is said, with a size that need not be that of its content.</summary>
    internal TarBuilder Add(char type, string name, byte[]? content = null, string link = "", int mode = 0b110_100_100, long? size = null)
    {
        if (Encoding.UTF8.GetByteCount(name) > 100)
            Add('L', "././@LongLink", Encoding.UTF8.GetBytes(name + "\0"));
        content ??= [];
        var header = new byte[512];
        Put(name, 0, 100);
        Put(Octal(mode, 7), 100, 8);
        Put(Octal(0, 7), 108, 8);
        Put(Octal(0, 7), 116, 8);
        Put(size is < 0 ? "-1" : Octal(size ?? content.Length, 11), 124, 12);
        Put(Octal(1_700_000_000, 11), 136, 12);
        header.AsSpan(148, 8).Fill((byte)' ');
        header[156] = (byte)type;
        Put(link, 157, 100);
        Put("ustar\0", 257, 6);
        Put("00", 263, 2);
        Put(Octal(header.Sum(b => b), 6) + "\0 ", 148, 8);
        _archive.AddRange(header);
        _archive.AddRange(content);
        _archive.AddRange(new byte[(512 - (content.Length % 512)) % 512]);
        return this;

        void Put(string text, int offset, int length)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            bytes.AsSpan(0, Math.Min(bytes.Length, length)).CopyTo(header.AsSpan(offset));
        }
    }

    internal byte[] End()
    {
        _archive.AddRange(new byte[1024]);
        return [.. _archive];
    }

    private static string Octal(long value, int digits) => Convert.ToString(value, 8).PadLeft(digits, '0');
}
