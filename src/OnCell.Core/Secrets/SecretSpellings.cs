using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnCell.Secrets;

/// <summary>The forms in which programs show a value: plain, in JSON, in a URL, in base64 and hexadecimal, line by line.</summary>
internal static class SecretSpellings
{
    /// <summary>A shorter line of a value, such as <c>-----END-----</c>'s neighbours, is not telling.</summary>
    private const int MinLineLength = 16;

    private const int MinSpellingLength = 8;

    public static IEnumerable<string> Of(string value) =>
        Lines(value).SelectMany(OfLine).Where(s => s.Length >= MinSpellingLength).Distinct(StringComparer.Ordinal);

    /// <summary>The value, and each telling line of one with several: a key in PEM is often shown with other line ends.</summary>
    private static IEnumerable<string> Lines(string value) => value
        .Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Where(line => line.Length >= MinLineLength && !line.StartsWith("-----", StringComparison.Ordinal))
        .Prepend(value)
        .Prepend(value.Trim());

    private static IEnumerable<string> OfLine(string text)
    {
        yield return text;
        foreach (var json in (string[])[Json(text, JavaScriptEncoder.Default), Json(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)])
        {
            yield return json;
            yield return Json(json, JavaScriptEncoder.Default);
        }

        yield return Uri.EscapeDataString(text);
        yield return Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(text);
        yield return Convert.ToHexStringLower(bytes);
        yield return Convert.ToHexString(bytes);
        foreach (var base64 in Base64(bytes))
        {
            yield return base64;
            yield return base64.Replace('+', '-').Replace('/', '_');
        }
    }

    private static string Json(string text, JavaScriptEncoder encoder) => JsonEncodedText.Encode(text, encoder).Value;

    /// <summary>The value's base64 wherever it stands in a longer text: the characters that its neighbours take part in are left out.</summary>
    private static IEnumerable<string> Base64(byte[] value)
    {
        for (var shift = 0; shift < 3; shift++)
        {
            var text = Convert.ToBase64String([.. new byte[shift], .. value]).TrimEnd('=');
            var first = shift == 0 ? 0 : shift + 1;
            var last = (shift + value.Length) % 3 == 0 ? 0 : 1;
            yield return text[first..^last];
        }
    }
}
