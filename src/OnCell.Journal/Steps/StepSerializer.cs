using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OnCell.Journaling;

/// <summary>Writes the results of steps to the journal and reads them back.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
public interface IStepSerializer<T>
{
    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="buffer">Where it is written.</param>
    void Write(T value, IBufferWriter<byte> buffer);

    /// <summary>Reads a value written by <see cref="Write"/>, by this or an earlier version of the code.</summary>
    /// <param name="data">The bytes written.</param>
    /// <returns>The value.</returns>
    T Read(ReadOnlySpan<byte> data);
}

/// <summary>The serializers at hand.</summary>
public static class StepSerializer
{
    /// <summary>System.Text.Json by reflection, with its web defaults.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <returns>The serializer, one for each type.</returns>
    public static IStepSerializer<T> Json<T>() => DefaultJson<T>.Instance;

    /// <summary>System.Text.Json by a source-generated contract, for trimmed and AOT programs.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="contract">The contract of the type.</param>
    /// <returns>The serializer.</returns>
    public static IStepSerializer<T> Json<T>(JsonTypeInfo<T> contract) => new JsonStepSerializer<T>(contract);

    private static class DefaultJson<T>
    {
        public static readonly IStepSerializer<T> Instance =
            new JsonStepSerializer<T>((JsonTypeInfo<T>)JsonSerializerOptions.Web.GetTypeInfo(typeof(T)));
    }

    private sealed class JsonStepSerializer<T>(JsonTypeInfo<T> contract) : IStepSerializer<T>
    {
        public void Write(T value, IBufferWriter<byte> buffer)
        {
            using var writer = new Utf8JsonWriter(buffer);
            JsonSerializer.Serialize(writer, value, contract);
        }

        public T Read(ReadOnlySpan<byte> data) => JsonSerializer.Deserialize(data, contract)!;
    }
}
