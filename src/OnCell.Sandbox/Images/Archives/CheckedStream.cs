using System.Security.Cryptography;

namespace OnCell.Sandboxes.Images.Archives;

/// <summary>A stream that hashes what is read of it, and ends a reader that reads more than there may be.</summary>
internal sealed class CheckedStream(Stream inner, string what, long maxBytes) : ForwardStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _bytes;

    public override int Read(Span<byte> buffer)
    {
        var count = inner.Read(buffer);
        _hash.AppendData(buffer[..count]);
        _bytes += count;
        return _bytes <= maxBytes
            ? count
            : throw new ImageFormatException($"{what} has more than {maxBytes} bytes.");
    }

    /// <summary>Reads to the end and compares the digest.</summary>
    /// <param name="digest">As <c>sha256:</c> and 64 hexadecimal digits.</param>
    /// <exception cref="ImageFormatException">The content is another than was promised.</exception>
    internal void Require(string digest)
    {
        var sink = new byte[64 << 10];
        while (Read(sink) > 0)
        {
            // hashed
        }

        var found = "sha256:" + Convert.ToHexStringLower(_hash.GetHashAndReset());
        if (found != digest)
            throw new ImageFormatException($"{what} is damaged or was changed: its digest is {found} and should be {digest}.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
