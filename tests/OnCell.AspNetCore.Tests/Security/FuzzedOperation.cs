using System.Text;
using System.Text.Json.Nodes;
using OnCell.Tests;

namespace OnCell.AspNetCore.Tests.Security;

/// <summary>One operation of docs/openapi.json and the requests that are wrong in exactly one place.</summary>
/// <remarks>What is not fuzzed is as it should be, up to a last thing that cannot be: so nothing is ever done, whatever is let through.</remarks>
internal sealed class FuzzedOperation(JsonNode document, string route, string method, JsonNode operation)
{
    private const string Customer = "acme";

    private static readonly string TooLong = new('x', 3000);
    private static readonly string VeryLong = new('x', 100_000);

    /// <summary>What a part of a path cannot be; a zero byte is refused by the server itself.</summary>
    private static readonly string[] Segments = [TooLong, "%00", "%01", "%7f", "a%0ab", "-1", "%ff", "..%2f..%2f", "%20", "%F0%9F%92%A9"];

    /// <summary>What no query parameter can be.</summary>
    private static readonly string[] Queries = ["", TooLong, "%00", "a%01b", "a%1bb"];

    /// <summary>What none can be that is a number, a time or a choice.</summary>
    private static readonly string[] Untyped = ["-1", "abc", "1.5", "1e9", "0x10", "99999999999999999999", "%F0%9F%92%A9", "null"];

    /// <summary>Those that are text, and may be any.</summary>
    private static readonly HashSet<string> Text =
        ["customer", "agent", "actor", "action", "method", "path", "environment", "customers.list after", "cells.list after", "customers.files after", "keys.list after"];

    /// <summary>Bodies that are right in all but one thing, which is looked at last: an agent, a customer or a run that there is not.</summary>
    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["customers.create"] = """{"id":"fuzzed","agent":"Nobody"}""",
        ["customers.fork"] = """{"id":"acme"}""",
        ["customers.quotas.set"] = """{"tokensPerMonth":-1}""",
        ["customers.snapshots.create"] = """{"name":"No Name"}""",
        ["customers.secrets.set"] = """{"value":"short"}""",
        ["secrets.set"] = """{"value":"short"}""",
        ["keys.create"] = """{"name":"fuzzed","areas":["run"],"customer":"nobody"}""",
        ["webhooks.create"] = """{"url":"https://hooks.test/","customer":"nobody"}""",
        ["images.build"] = """{"agent":"Nobody"}""",
        ["images.prune"] = """{"unusedForDays":-1}""",
        ["agents.run"] = """{"customer":"acme","input":{}}""",
        ["agents.stream"] = """{"customer":"acme","input":{}}""",
        ["runs.signal"] = """{"name":"go"}""",
        ["runs.decide"] = """{"position":"1","decision":"runAgain"}""",
        ["runs.fork"] = """{"beforePosition":"1"}""",
        ["deployments.promote"] = """{"from":"staging","to":"production"}""",
        ["deployments.rollback"] = """{"environment":"staging"}""",
    };

    private string Id => (string)operation["operationId"]!;

    public static IEnumerable<FuzzedOperation> All()
    {
        var document = JsonNode.Parse(File.ReadAllText(Repository.PathOf("docs", "openapi.json")))!;
        return from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               select new FuzzedOperation(document, path.Key, operation.Key, operation.Value!);
    }

    /// <summary>Lists requests, each with the field that its answer must name; <see langword="null"/> where any will do.</summary>
    public IEnumerable<(HttpRequestMessage Request, string What, string? Field)> Requests()
    {
        foreach (var (name, place) in Parameters())
        {
            if (place == "path")
                foreach (var text in Segments.Where(t => !(name == "customer" && t == "%20"))) yield return (Request(path: (name, text)), $"{name}={Short(text)}", null);
            if (place == "header") yield return (With(Request(), name, TooLong), $"{name}: too long", null);
            if (place != "query") continue;
            foreach (var text in Queries.Concat(IsText(name) ? [] : Untyped)) yield return (Request(query: $"{name}={text}"), $"?{name}={Short(text)}", name);
            yield return (Request(query: $"{name}=1&{name}=2"), $"?{name} twice", name);
        }

        if (Id is "customers.events" or "customers.logs" or "runs.events")
            foreach (var text in (string[])["x", "-1", "1.5", "99999999999999999999"]) yield return (With(Request(), "Last-Event-ID", text), $"Last-Event-ID: {text}", null);
        if (operation["requestBody"]?["content"]?["application/json"]?["schema"] is not { } schema) yield break;
        foreach (var text in (string[])["", "{", "[]", "null", "5", "\"x\"", "{\"a\":\u0001}"]) yield return (Request(body: text), $"body {text}", null);
        yield return (Request(body: Changed("surplus", 1)), "a surplus field", "surplus");
        foreach (var (place, form) in Fields(schema, ""))
        {
            foreach (var (value, what, wrongType) in Wrong(form)) yield return (Request(body: Changed(place, value)), $"{place} {what}", wrongType ? place : null);
        }
    }

    public override string ToString() => $"{method} {route}";

    private bool IsText(string name) => Text.Contains(name) || Text.Contains($"{Id} {name}");

    private IEnumerable<(string Name, string Place)> Parameters() =>
        operation["parameters"]?.AsArray().Select(p => ((string)p!["name"]!, (string)p["in"]!)) ?? [];

    private HttpRequestMessage Request((string Name, string Text)? path = null, string? query = null, string? body = null)
    {
        var filled = string.Join('/', route.Split('/').Select(part => part.Trim('{', '}', '*') is var name && !part.StartsWith('{') ? part
            : path?.Name == name ? path.Value.Text : name == "customer" ? Customer : "thing"));
        if (Id == "runs.list" && query?.StartsWith("customer", StringComparison.Ordinal) != true) query = $"customer={Customer}&{query}";
        if (Id == "customers.pause") query ??= "tier=none";
        body ??= Bodies.GetValueOrDefault(Id);
        return new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), query is null ? filled : $"{filled}?{query}")
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
    }

    private static HttpRequestMessage With(HttpRequestMessage request, string header, string value)
    {
        request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }

    /// <summary>The operation's body with one field of another value: <c>git.credentials[0].url</c>.</summary>
    private string Changed(string place, JsonNode? value)
    {
        var body = JsonNode.Parse(Bodies.GetValueOrDefault(Id, "{}"))!.AsObject();
        var at = body;
        var names = place.Split('.');
        foreach (var name in names[..^1])
        {
            var inner = new JsonObject();
            at[name.Replace("[0]", "", StringComparison.Ordinal)] = name.EndsWith(']') ? new JsonArray(inner) : inner;
            at = inner;
        }

        at[names[^1]] = value;
        return body.ToJsonString();
    }

    private IEnumerable<(string Place, JsonNode Form)> Fields(JsonNode form, string above)
    {
        form = Resolve(form);
        foreach (var (name, property) in form["properties"]?.AsObject() ?? [])
        {
            var inner = Resolve(property!);
            yield return (above + name, inner);
            foreach (var field in Fields(inner, $"{above}{name}.")) yield return field;
            if (inner["items"] is { } item)
                foreach (var field in Fields(item, $"{above}{name}[0].")) yield return field;
            if (inner["additionalProperties"] is { } value) yield return ($"{above}{name}.a", Resolve(value));
        }
    }

    /// <summary>The form itself, where it is named elsewhere or may be null.</summary>
    private JsonNode Resolve(JsonNode form)
    {
        if (form["oneOf"] is JsonArray choices) return Resolve(choices.First(c => (c!["type"] as JsonValue)?.ToString() != "null")!);
        return form["$ref"] is { } reference ? Resolve(document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]!) : form;
    }

    private static IEnumerable<(JsonNode? Value, string What, bool WrongType)> Wrong(JsonNode form)
    {
        string[] types = form["type"] switch
        {
            JsonArray several => [.. several.Select(t => (string)t!)],
            { } one => [(string)one!],
            null => [],
        };
        if (types.Length == 0) yield break; // anything may be here
        var number = types.Contains("integer") || types.Contains("number");
        if (!types.Contains("object") && !types.Contains("array")) yield return (new JsonObject(), "an object", true);
        if (!types.Contains("array")) yield return (new JsonArray(1), "a list", true);
        if (!number) yield return (5, "a number", true);
        if (!types.Contains("boolean")) yield return (true, "true", true);
        if (!types.Contains("string") || number) yield return ("abc", "text", true);
        if (number)
        {
            yield return (-1, "negative", false);
            yield return (JsonNode.Parse("99999999999999999999999999999999999999999e99")!, "too large", false);
            yield return ("", "empty", true);
        }
        else if (types.Contains("string"))
        {
            yield return ("", "empty", false);
            yield return (VeryLong, "too long", false);
            yield return ("a\u0000b", "with a zero byte", false);
            yield return ("a\u001b[2J\nb", "with control characters", false);
            yield return ("-1", "negative", false);
        }
    }

    private static string Short(string text) => text.Length > 40 ? $"{text[..10]}… ({text.Length})" : text;
}
