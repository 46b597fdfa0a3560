using System.Net;
using System.Text.Json;

namespace OnCell.Models.Providers;

/// <summary>Reads a provider's answer without success: what happened, and what to do about it.</summary>
internal static class ProviderError
{
    private const int MaxCharacters = 400;

    /// <summary>Marks of a prompt that is too large, as OpenAI, Anthropic and llama.cpp write it. They have no common code.</summary>
    private static readonly string[] TooLarge =
        ["context_length_exceeded", "exceed_context_size", "prompt is too long", "context window", "maximum context length", "available context size"];

    public static ModelException Read(ModelProviderOptions provider, HttpStatusCode status, string body)
    {
        var (code, message) = Parse(body);
        var said = Clean($"{code} {message}".Trim(), provider);
        var who = $"The model provider \"{provider.Name}\" ({provider.Model})";
        var failure = Classify(status, said);
        var fix = failure switch
        {
            ModelFailure.Unauthorized => "refused its key. Set ApiKey of this provider (OnCell:Models) to one that it accepts.",
            ModelFailure.UnknownModel => "does not have this model, or its address is wrong. Set Model and Endpoint of this provider (OnCell:Models).",
            ModelFailure.ContextTooLarge => "was asked for more than its window holds. Lower LlmOptions.MaxContextTokens or MaxOutputTokens, give it less text, or name a model with a larger window.",
            ModelFailure.RateLimited => "limits how often it is asked.",
            ModelFailure.Unavailable => "does not work now. It is asked again by itself; if this goes on, look at its status page.",
            _ when said.Contains("insufficient_quota", StringComparison.Ordinal) => "has no credit left for this key. Add some, or name another provider.",
            _ => "refused the request.",
        };
        return new ModelException(failure, $"{who} {fix} It said: {(int)status} {said}");
    }

    public static ModelException WaitTooLong(ModelProviderOptions provider, ModelException error, TimeSpan asked, TimeSpan waited) =>
        new(error.Failure,
            $"{error.Message} It asks to wait {asked.TotalSeconds:0.#} s more after {waited.TotalSeconds:0.#} s; "
            + $"at most {provider.MaxRateLimitWait.TotalSeconds:0.#} s are waited (MaxRateLimitWait of this provider).",
            error);

    private static ModelFailure Classify(HttpStatusCode status, string said)
    {
        if (status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge
            && (status is HttpStatusCode.RequestEntityTooLarge || TooLarge.Any(mark => said.Contains(mark, StringComparison.OrdinalIgnoreCase))))
            return ModelFailure.ContextTooLarge;
        return status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ModelFailure.Unauthorized,
            HttpStatusCode.NotFound => ModelFailure.UnknownModel,
            HttpStatusCode.TooManyRequests when said.Contains("insufficient_quota", StringComparison.Ordinal) => ModelFailure.Rejected,
            HttpStatusCode.TooManyRequests => ModelFailure.RateLimited,
            HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or >= HttpStatusCode.InternalServerError => ModelFailure.Unavailable,
            _ => ModelFailure.Rejected,
        };
    }

    /// <summary>All write <c>{"error":{"type"|"code","message"}}</c>; what is not JSON is shown as it is.</summary>
    private static (string Code, string Message) Parse(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("error", out var error))
            {
                return error.ValueKind == JsonValueKind.Object
                    ? ($"{Text(error, "type")} {Text(error, "code")}".Trim(), Text(error, "message"))
                    : ("", error.ToString());
            }
        }
        catch (JsonException)
        {
            // An error page of something on the way.
        }

        return ("", body);
    }

    private static string Text(JsonElement error, string name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "";

    /// <summary>One line of bounded length, without the key: some providers repeat it.</summary>
    private static string Clean(string text, ModelProviderOptions provider)
    {
        if (provider.ApiKey is { Length: > 0 } key) text = text.Replace(key, "[key]", StringComparison.Ordinal);
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= MaxCharacters ? line : line[..MaxCharacters] + "…";
    }
}
