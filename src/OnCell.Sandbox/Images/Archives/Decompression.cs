using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace OnCell.Sandboxes.Images.Archives;

/// <summary>How archives and layers are packed: not at all, by gzip or by Zstandard, told by their first bytes.</summary>
internal static class Decompression
{
    private const int GzipMagic = 0x8B1F;
    private const uint ZstandardMagic = 0xFD2FB528;

    /// <summary>The largest window a frame may ask memory for, as a power of two: what the zstd tool takes by default, 128 MiB.</summary>
    private const int MaxWindowLog = 27;

    /// <summary>Tells whether content that begins with four bytes, little-endian, is packed.</summary>
    internal static bool IsPacked(uint magic) => IsGzip(magic) || magic == ZstandardMagic;

    /// <summary>Gives what is packed in a stream, or the stream where nothing is.</summary>
    internal static Stream Open(PeekStream packed) =>
        IsGzip(packed.Magic) ? new GZipStream(packed, CompressionMode.Decompress)
        : packed.Magic == ZstandardMagic ? new ZstandardStream(packed)
        : packed;

    private static bool IsGzip(uint magic) => (magic & 0xFFFF) == GzipMagic;

    private sealed class ZstandardStream : ForwardStream
    {
        private readonly DecompressionStream _inner;

        internal ZstandardStream(Stream packed)
        {
            _inner = new DecompressionStream(packed);
            _inner.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
        }

        public override int Read(Span<byte> buffer)
        {
            try
            {
                return _inner.Read(buffer);
            }
            catch (ZstdException error)
            {
                throw new ImageFormatException($"It is packed by zstd and damaged: {error.Message}.");
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
