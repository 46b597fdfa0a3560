using System.Buffers;
using System.Text.Json;
using OnCell.Journaling;

namespace OnCell.Runs;

/// <summary>Keeps step results in OnCell's one JSON form, as they come in and go out elsewhere.</summary>
internal sealed class OnCellStepSerializer<T> : IStepSerializer<T>
{
    public static readonly OnCellStepSerializer<T> Instance = new();

    public void Write(T value, IBufferWriter<byte> buffer)
    {
        using var writer = new Utf8JsonWriter(buffer);
        JsonSerializer.Serialize(writer, value, OnCellJson.For<T>());
    }

    public T Read(ReadOnlySpan<byte> data) => JsonSerializer.Deserialize<T>(data, OnCellJson.For<T>())!;
}
