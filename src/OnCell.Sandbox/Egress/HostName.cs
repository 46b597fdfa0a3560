using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace OnCell.Sandboxes.Egress;

/// <summary>Host names in the one form in which they are compared.</summary>
internal static class HostName
{
    private const int MaxLength = 253;
    private const int MaxLabel = 63;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Lower-cases a name and drops a closing dot; refuses what is not a name, and numbers that some resolvers
    /// read as an IPv4 address (<c>127.1</c>, <c>0x7f000001</c>).</summary>
    public static bool TryNormalize(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? name)
    {
        name = null;
        if (text.EndsWith('.'))
            text = text[..^1];
        if (text.IsEmpty || text.Length > MaxLength)
            return false;
        foreach (var label in text.Split('.'))
        {
            if (!IsLabel(text[label]))
                return false;
        }

        if (IsNumber(text[(text.LastIndexOf('.') + 1)..]))
            return false;
        name = text.ToString().ToLowerInvariant();
        return true;
    }

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        if (label.IsEmpty || label.Length > MaxLabel || label[0] == '-' || label[^1] == '-')
            return false;
        foreach (var c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                return false;
        }

        return true;
    }

    /// <remarks>The test of <see href="https://url.spec.whatwg.org/#ends-in-a-number-checker"/>.</remarks>
    private static bool IsNumber(ReadOnlySpan<char> label) =>
        !label.ContainsAnyExceptInRange('0', '9')
        || (label.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && !label[2..].ContainsAnyExcept(HexDigits));
}
