using System.Buffers;
using System.Text;
using OnCell.Journaling;

namespace OnCell.Secrets;

/// <summary>Removes secrets from a step's result on its way into the journal. The caller gets what was written, live and replayed alike.</summary>
internal sealed class RedactingSerializer<T>(IStepSerializer<T> inner, IRedactor redactor) : IStepSerializer<T>
{
    public void Write(T value, IBufferWriter<byte> buffer)
    {
        var plain = new ArrayBufferWriter<byte>();
        inner.Write(value, plain);
        var text = Encoding.UTF8.GetString(plain.WrittenSpan);
        var clean = redactor.Redact(text);
        if (ReferenceEquals(clean, text)) buffer.Write(plain.WrittenSpan);
        else Encoding.UTF8.GetBytes(clean, buffer);
    }

    public T Read(ReadOnlySpan<byte> data) => inner.Read(data);
}
