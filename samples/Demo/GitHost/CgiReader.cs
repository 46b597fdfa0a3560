using System.Text;

namespace OnCell.Demo.GitHost;

/// <summary>Reads a CGI answer: header lines, an empty line, and bytes.</summary>
internal sealed class CgiReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Reads one line without its end, or <see langword="null"/> at the end of the stream.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.ASCII.GetString(_buffer, _start, length).TrimEnd('\r');
                _start += length + 1;
                return line;
            }

            if (_end == _buffer.Length)
                throw new IOException($"A CGI header is longer than {_buffer.Length} bytes.");
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
                return null;
            _end += read;
        }
    }

    /// <summary>Copies all that follows the header.</summary>
    public async Task CopyRestAsync(Stream target, CancellationToken cancellationToken)
    {
        await target.WriteAsync(_buffer.AsMemory(_start, _end - _start), cancellationToken);
        await stream.CopyToAsync(target, cancellationToken);
    }
}
