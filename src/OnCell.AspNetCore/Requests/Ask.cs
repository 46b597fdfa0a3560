using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Requests;

/// <summary>Reads what a request says beside its body; each error names the field.</summary>
internal static partial class Ask
{
    private const int MaxIdLength = 128;
    private const int MaxKeyLength = 200;

    /// <exception cref="OnCellException">The text cannot be the id of a run, a key or a snapshot.</exception>
    public static string Id(string value, string field)
    {
        if (value.Length is 0 or > MaxIdLength || value.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or ':')))
            throw Invalid(field, $"\"{field}\" is no id: 1 to {MaxIdLength} of letters, digits, '-', '_', '.' and ':'.");
        return value;
    }

    /// <summary>Gets the header <c>Idempotency-Key</c>: two requests with one key are one.</summary>
    /// <exception cref="OnCellException">It is too long.</exception>
    public static string? IdempotencyKey(HttpRequest request)
    {
        const string header = "Idempotency-Key";
        var key = request.Headers[header].ToString();
        if (key.Length > MaxKeyLength) throw Invalid(header, $"The {header} has more than {MaxKeyLength} characters.");
        return key.Length == 0 ? null : key;
    }

    public static int Number(HttpRequest request, string field, int otherwise, int from, int to)
    {
        if (One(request, field) is not { } text) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to
            ? value
            : throw Invalid(field, $"\"{field}\" is a whole number from {from} to {to}.");
    }

    public static T? Choice<T>(HttpRequest request, string field)
        where T : struct, Enum
    {
        if (One(request, field) is not { } text) return null;
        return Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(text, ignoreCase: true)
            : throw Invalid(field, $"\"{field}\" is one of {string.Join(", ", Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName))}.");
    }

    public static DateTimeOffset? Time(HttpRequest request, string field)
    {
        if (One(request, field) is not { } text) return null;
        return Date().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value)
            ? value
            : throw Invalid(field, $"\"{field}\" is a time such as 2026-11-25T12:00:00Z.");
    }

    /// <summary>Gets a query parameter that is given once, or not at all.</summary>
    public static string? One(HttpRequest request, string field) => Path(request, field) is { } text && text.Any(char.IsControl)
        ? throw Invalid(field, $"\"{field}\" has a control character in it.")
        : Path(request, field);

    /// <summary>Gets the same where it is a path in a cell, which may have any character that a file's name may have.</summary>
    public static string? Path(HttpRequest request, string field) => request.Query[field] switch
    {
        { Count: 0 } => null,
        [{ Length: > 0 and <= 1000 } text] => text,
        _ => throw Invalid(field, $"\"{field}\" is given once, with 1 to 1,000 characters."),
    };

    /// <exception cref="OnCellException">It is not given.</exception>
    public static string Required(HttpRequest request, string field, string why) =>
        One(request, field) ?? throw Invalid(field, why);

    public static T Required<T>(T? value, string field, string what)
        where T : class => value ?? throw Invalid(field, $"The body has no \"{field}\": {what}.");

    /// <summary>How a time begins: otherwise "1.5" would be the fifth of January.</summary>
    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}")]
    private static partial Regex Date();

    public static OnCellException Invalid(string field, string message) => new(OnCellError.Invalid, message) { Field = field };
}
