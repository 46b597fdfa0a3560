using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnCell.Journaling.Steps;

/// <summary>What makes a step the same step: its kind, its name and its arguments, less the volatile ones.</summary>
internal static class StepFingerprint
{
    private static readonly JsonWriterOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = true,
    };

    /// <summary>SHA-256 over each part with its length before it, the arguments in the order of their names.</summary>
    public static byte[] Compute(string kind, string name, IReadOnlyList<StepArgument> arguments)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, kind);
        Add(hash, name);
        foreach (var argument in Canonical(arguments))
        {
            if (argument.Volatile)
                continue;
            Add(hash, argument.Name);
            Add(hash, argument.Value);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Writes the arguments for people to compare, cut to a length.</summary>
    public static string? Describe(IReadOnlyList<StepArgument> arguments, int maxCharacters)
    {
        if (arguments.Count == 0)
            return null;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Readable))
        {
            writer.WriteStartObject();
            foreach (var argument in Canonical(arguments))
                writer.WriteString(argument.Volatile ? argument.Name + " (volatile)" : argument.Name, Head(argument.Value, maxCharacters));
            writer.WriteEndObject();
        }

        return Head(Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length)), maxCharacters);
    }

    private static IEnumerable<StepArgument> Canonical(IReadOnlyList<StepArgument> arguments) =>
        arguments.Count < 2 ? arguments : arguments.OrderBy(static argument => argument.Name, StringComparer.Ordinal);

    private static string Head(string text, int length) =>
        text.Length <= length ? text : $"{text.AsSpan(0, length)}... ({text.Length:N0} characters)";

    private static void Add(IncrementalHash hash, string text)
    {
        Span<byte> length = stackalloc byte[4];
        var bytes = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
