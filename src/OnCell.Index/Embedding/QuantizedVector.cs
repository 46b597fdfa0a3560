using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OnCell.Indexing.Embedding;

/// <summary>Unit vectors as bytes, -127 to 127 each, and their dot products.</summary>
internal static class QuantizedVector
{
    private const float Scale = 127;

    /// <summary>Brings a vector to unit length and rounds it; a vector of zeros stays one.</summary>
    public static sbyte[] Quantize(ReadOnlySpan<float> vector)
    {
        var quantized = new sbyte[vector.Length];
        var norm = TensorPrimitives.Norm(vector);
        if (norm == 0 || !float.IsFinite(norm)) return quantized;
        for (var i = 0; i < vector.Length; i++) quantized[i] = (sbyte)MathF.Round(vector[i] / norm * Scale);
        return quantized;
    }

    /// <summary>Multiplies two quantized vectors of one length; 16,129 stands for a cosine of one.</summary>
    public static int Dot(ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b)
        => Vector512.IsHardwareAccelerated ? Dot512(a, b) : Vector256.IsHardwareAccelerated ? Dot256(a, b) : DotScalar(a, b);

    internal static int Dot512(ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b)
    {
        var sum = Vector512<int>.Zero;
        var end = a.Length - a.Length % Vector512<sbyte>.Count;
        for (var i = 0; i < end; i += Vector512<sbyte>.Count)
        {
            var (aLow, aHigh) = Vector512.Widen(Vector512.Create(a[i..]));
            var (bLow, bHigh) = Vector512.Widen(Vector512.Create(b[i..]));
            var (low, high) = Vector512.Widen(aLow * bLow + aHigh * bHigh); // at most 2 * 127 * 127: fits 16 bits
            sum += low + high;
        }

        return Vector512.Sum(sum) + DotScalar(a[end..], b[end..]);
    }

    internal static int Dot256(ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b)
    {
        var sum = Vector256<int>.Zero;
        var end = a.Length - a.Length % Vector256<sbyte>.Count;
        for (var i = 0; i < end; i += Vector256<sbyte>.Count)
        {
            var (aLow, aHigh) = Vector256.Widen(Vector256.Create(a[i..]));
            var (bLow, bHigh) = Vector256.Widen(Vector256.Create(b[i..]));
            var (low, high) = Vector256.Widen(aLow * bLow + aHigh * bHigh);
            sum += low + high;
        }

        return Vector256.Sum(sum) + DotScalar(a[end..], b[end..]);
    }

    internal static int DotScalar(ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b)
    {
        var sum = 0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    public static ReadOnlySpan<byte> AsBytes(sbyte[] vector) => MemoryMarshal.AsBytes<sbyte>(vector);
}
