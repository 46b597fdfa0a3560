using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OnCell.LLamaSharp.Answers;

/// <summary>Writes a JSON schema as a grammar in llama.cpp's form (GBNF), which a model's answer is then held to.</summary>
/// <remarks>
/// Held to: types, properties in the schema's order (the required ones first), <c>enum</c>, <c>const</c>, <c>anyOf</c>,
/// <c>oneOf</c>, references, items and how many. Lengths, patterns, ranges and formats are left to the reader of the answer.
/// The grammar allows few spaces, since small models like to write nothing else. llama.cpp does not survive a grammar that it
/// cannot read or that begins with itself, so what cannot be written safely is refused here.
/// </remarks>
internal sealed class JsonSchemaGrammar
{
    /// <summary>llama.cpp writes repetitions out and refuses more than 2,000.</summary>
    private const int MostItems = 1_000;

    private const string Common = """
        ws ::= " "?
        string ::= "\"" char* "\""
        char ::= [^"\\\x7F\x00-\x1F] | "\\" ["\\/bfnrt]
        integer ::= "-"? ("0" | [1-9] [0-9]{0,15})
        number ::= integer ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?
        boolean ::= "true" | "false"
        value ::= object | array | string | number | boolean | "null"
        object ::= "{" ws (string ":" ws value ("," ws string ":" ws value)*)? ws "}"
        array ::= "[" ws (value ("," ws value)*)? ws "]"

        """;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _rules = new(Common);
    private readonly Dictionary<string, string> _references = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _begins = new(StringComparer.Ordinal);
    private readonly JsonElement _schema;
    private int _count;

    private JsonSchemaGrammar(JsonElement schema) => _schema = schema;

    /// <summary>Writes the grammar; its first rule is <c>root</c>.</summary>
    /// <param name="schema">The schema; <see langword="null"/> is any JSON object.</param>
    /// <exception cref="NotSupportedException">The schema says what a grammar of this form cannot.</exception>
    public static string Write(JsonElement? schema)
    {
        if (schema is not { } form) return Common + "root ::= object\n";
        var grammar = new JsonSchemaGrammar(form);
        try
        {
            var root = grammar.Node(form, null);
            grammar.CheckBeginnings();
            return grammar._rules.Append(CultureInfo.InvariantCulture, $"root ::= {root}\n").ToString();
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new NotSupportedException($"the schema is not one: {e.Message}", e); // a word of it has a value of another type
        }
    }

    /// <summary>Writes what one schema allows, as an expression that stands alone.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="begun">The reference whose rule begins with this, or none.</param>
    private string Node(JsonElement schema, string? begun)
    {
        if (schema.ValueKind == JsonValueKind.True) return "value";
        if (schema.ValueKind != JsonValueKind.Object) throw No("a schema that is neither an object nor true");
        if (schema.TryGetProperty("$ref", out var reference)) return Reference(reference.GetString() ?? "", begun);
        if (schema.TryGetProperty("const", out var only)) return Literal(only);
        if (schema.TryGetProperty("enum", out var values)) return OneOf(values.EnumerateArray().Select(Literal));
        if (schema.TryGetProperty("anyOf", out var any) || schema.TryGetProperty("oneOf", out any)) return OneOf(any.EnumerateArray().Select(s => Node(s, begun)));
        if (schema.TryGetProperty("allOf", out var all))
            return all.GetArrayLength() == 1 ? Node(all[0], begun) : throw No("allOf of several schemas");
        if (!schema.TryGetProperty("type", out var type))
            return schema.TryGetProperty("properties", out _) ? Object(schema) : schema.TryGetProperty("items", out _) ? Array(schema) : "value";
        return type.ValueKind == JsonValueKind.Array
            ? OneOf(type.EnumerateArray().Select(t => Type(t.GetString(), schema)))
            : Type(type.GetString(), schema);
    }

    private string Type(string? type, JsonElement schema) => type switch
    {
        "object" => Object(schema),
        "array" => Array(schema),
        "string" or "integer" or "number" or "boolean" => type,
        "null" => "\"null\"",
        _ => throw No($"the type \"{type}\""),
    };

    private string Object(JsonElement schema)
    {
        if (!schema.TryGetProperty("properties", out var properties) || !properties.EnumerateObject().Any()) return Map(schema);
        var required = schema.TryGetProperty("required", out var names)
            ? names.EnumerateArray().Select(n => n.GetString()).ToHashSet(StringComparer.Ordinal) : [];
        var must = new List<string>();
        var may = new List<string>();
        foreach (var property in properties.EnumerateObject())
        {
            var pair = $"{Literal(property.Name)} \":\" ws {Node(property.Value, null)}";
            (required.Contains(property.Name) ? must : may).Add(pair);
        }

        // Optional ones follow in their order: the rule of each is itself or nothing, and then the rule of the next.
        var follow = "";
        var begin = new List<string>();
        for (var i = may.Count - 1; i >= 0; i--)
        {
            begin.Insert(0, $"{may[i]} {follow}".TrimEnd());
            follow = Rule($"(\",\" ws {may[i]})? {follow}");
        }

        var inner = must.Count > 0 ? $"{string.Join(" \",\" ws ", must)} {follow}" : $"({string.Join(" | ", begin)})?";
        return Rule($"\"{{\" ws {inner} ws \"}}\"");
    }

    private string Map(JsonElement schema)
    {
        if (!schema.TryGetProperty("additionalProperties", out var values)) return "object";
        if (values.ValueKind == JsonValueKind.False) return "(\"{\" ws \"}\")";
        var pair = $"string \":\" ws {Node(values, null)}";
        return Rule($"\"{{\" ws ({pair} (\",\" ws {pair})*)? ws \"}}\"");
    }

    private string Array(JsonElement schema)
    {
        if (schema.TryGetProperty("prefixItems", out _)) throw No("prefixItems");
        var item = schema.TryGetProperty("items", out var items) ? Node(items, null) : "value";
        var least = schema.TryGetProperty("minItems", out var min) ? min.GetInt32() : 0;
        int? most = schema.TryGetProperty("maxItems", out var max) ? max.GetInt32() : null;
        if (least > MostItems) throw No($"minItems over {MostItems}");
        if (most is 0) return "(\"[\" ws \"]\")";
        if (most < least) throw No("maxItems below minItems");
        var times = most is <= MostItems ? $"{{{Math.Max(0, least - 1)},{most - 1}}}" : $"{{{Math.Max(0, least - 1)},}}";
        var list = $"{item} (\",\" ws {item}){times}";
        return Rule($"\"[\" ws {(least == 0 ? $"({list})?" : list)} ws \"]\"");
    }

    private string Reference(string reference, string? begun)
    {
        if (begun is not null) _begins[begun].Add(reference);
        if (_references.TryGetValue(reference, out var known)) return known;
        var name = _references[reference] = NewName();
        _begins[reference] = new HashSet<string>(StringComparer.Ordinal);
        var written = Node(Find(reference), reference);
        _rules.Append(CultureInfo.InvariantCulture, $"{name} ::= {written}\n");
        return name;
    }

    /// <summary>Refuses rules that begin with themselves, directly or over others.</summary>
    private void CheckBeginnings()
    {
        foreach (var start in _begins.Keys)
        {
            var reached = new HashSet<string>(StringComparer.Ordinal);
            var next = new Stack<string>(_begins[start]);
            while (next.TryPop(out var reference))
            {
                if (reference == start) throw No($"a reference that leads to itself, {reference}");
                if (!reached.Add(reference)) continue;
                foreach (var further in _begins[reference]) next.Push(further);
            }
        }
    }

    private JsonElement Find(string reference)
    {
        if (!reference.StartsWith('#')) throw No($"the reference {reference} to another document");
        var at = _schema;
        foreach (var part in Uri.UnescapeDataString(reference[1..]).Split('/').Skip(1).Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            var found = at.ValueKind == JsonValueKind.Array
                ? int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.GetArrayLength() ? at[index] : default
                : at.ValueKind == JsonValueKind.Object && at.TryGetProperty(part, out var value) ? value : default;
            at = found.ValueKind != JsonValueKind.Undefined ? found : throw No($"the reference {reference} to nothing");
        }

        return at;
    }

    private static string OneOf(IEnumerable<string> choices) =>
        choices.Distinct(StringComparer.Ordinal).ToList() is { Count: > 0 } some ? $"({string.Join(" | ", some)})" : throw No("a choice of nothing");

    private string Rule(string body)
    {
        var name = NewName();
        _rules.Append(CultureInfo.InvariantCulture, $"{name} ::= {body.TrimEnd()}\n");
        return name;
    }

    private string NewName() => $"r{_count++}";

    private static string Literal(string text) => Quote($"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"");

    private static string Literal(JsonElement value)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Plain)) value.WriteTo(writer);
        return Quote(Encoding.UTF8.GetString(bytes.ToArray()));
    }

    /// <summary>JSON has no control characters of its own, so these two are all that a literal of the grammar must escape.</summary>
    private static string Quote(string json) => $"\"{json.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static NotSupportedException No(string what) => new($"the schema has {what}");
}
