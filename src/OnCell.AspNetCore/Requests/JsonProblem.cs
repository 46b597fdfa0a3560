using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace OnCell.AspNetCore.Requests;

/// <summary>Says what is wrong with a body in the API's words: the reader's own are about classes, which are nobody's business outside.</summary>
internal static partial class JsonProblem
{
    private const int MaxName = 80;

    /// <param name="error">What the reader found.</param>
    /// <param name="type">What was to be read.</param>
    /// <param name="options">How it was read.</param>
    public static OnCellException Explain(JsonException error, Type type, JsonSerializerOptions options)
    {
        if (error.InnerException is JsonException || error.Path is null) return Invalid(null, Syntax(error), error);
        var steps = Steps(error.Path);
        var field = FieldOf(steps);
        if (error.Message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            var known = string.Join(", ", FormAt(type, steps[..^1], options)?.Properties.Select(p => p.Name) ?? []);
            return Invalid(field, $"There is no \"{field}\" here. It takes: {known}.", error);
        }

        if (error.Message.StartsWith("Duplicate", StringComparison.Ordinal)) return Invalid(field, $"\"{field ?? "a field"}\" is given twice.", error);
        if (error.InnerException is InvalidOperationException) return Invalid(field, $"\"{field}\" is no text: half a character or bytes that are no UTF-8.", error);
        var wanted = Kind(FormAt(type, steps, options));
        return Invalid(field, field is null ? $"The body must be {wanted}." : $"\"{field}\" must be {wanted}.", error);
    }

    /// <summary>The place as people write it: <c>$.config.x</c> is <c>config.x</c>.</summary>
    private static string? FieldOf(IReadOnlyList<string> steps)
    {
        var field = string.Concat(steps.Select((step, i) => step.StartsWith('[') || i == 0 ? step : "." + step));
        return field.Length == 0 ? null : field.Length <= MaxName ? field : field[..(MaxName - 1)] + "…";
    }

    /// <summary>The names and places in lists that lead to the wrong part.</summary>
    private static string[] Steps(string path) => [.. Step().Matches(path).Select(m => m.Groups["quoted"] is { Success: true } quoted ? quoted.Value : m.Value.TrimStart('.'))];

    private static JsonTypeInfo? FormAt(Type type, IEnumerable<string> steps, JsonSerializerOptions options)
    {
        var form = options.GetTypeInfo(type);
        foreach (var step in steps)
        {
            var next = form.Kind == JsonTypeInfoKind.Object
                ? form.Properties.FirstOrDefault(p => string.Equals(p.Name, step, StringComparison.OrdinalIgnoreCase))?.PropertyType
                : form.ElementType;
            if (next is null) return null;
            form = options.GetTypeInfo(Nullable.GetUnderlyingType(next) ?? next);
        }

        return form;
    }

    private static string Kind(JsonTypeInfo? form) => form switch
    {
        null => "of another kind",
        { Kind: JsonTypeInfoKind.Enumerable } => "a list",
        { Kind: JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary } => "a JSON object",
        { Type.IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(form.Type).Select(JsonNamingPolicy.CamelCase.ConvertName)),
        _ when form.Type == typeof(string) => "text",
        _ when form.Type == typeof(bool) => "true or false",
        _ when form.Type == typeof(int) || form.Type == typeof(long) => "a whole number",
        _ when form.Type == typeof(double) => "a number",
        _ when form.Type == typeof(DateTimeOffset) => "a time such as 2026-11-25T12:00:00Z",
        _ => "a JSON object",
    };

    private static string Syntax(JsonException error)
    {
        var what = error.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0].TrimEnd('.', ' ', '|');
        return string.Create(CultureInfo.InvariantCulture, $"The body is not JSON: {what} (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}).");
    }

    private static OnCellException Invalid(string? field, string message, Exception cause) => new(OnCellError.Invalid, message, cause) { Field = field };

    [GeneratedRegex(@"\.[^.\[]+|\['(?<quoted>.*?)'\](?=[.\[]|\z)|\[\d+\]", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Step();
}
