using System.Text.Json;

namespace OnCell.Models;

/// <summary>Reads a model's answer as JSON of a given form.</summary>
internal static class StructuredAnswer
{
    /// <summary>Reads the answer; surrounding prose and a code fence are forgiven, wrong JSON is not.</summary>
    /// <returns>Whether it could be read; if not, <paramref name="error"/> says why in words that a model can act on.</returns>
    public static bool TryRead<T>(string text, out T? value, out string? error)
    {
        var start = text.AsSpan().IndexOfAny('{', '[');
        var end = text.AsSpan().LastIndexOfAny('}', ']');
        value = default;
        if (start < 0 || end < start)
        {
            error = "the answer holds no JSON";
            return false;
        }

        try
        {
            value = JsonSerializer.Deserialize<T>(text.AsSpan(start, end - start + 1), OnCellJson.For<T>());
            error = value is null ? "the answer is null" : null;
            return value is not null;
        }
        catch (JsonException e)
        {
            error = e.Message;
            return false;
        }
    }
}
