using System.Text.Json;
using OnCell.Runs;
using OnCell.Secrets;

namespace OnCell;

/// <summary>A customer's memory: JSON values by key, kept across runs. A write takes place exactly once.</summary>
public sealed class AgentMemory
{
    private const int MaxKey = 1_000;
    private const int MaxValue = 1 << 20;

    private readonly RunSession _session;

    internal AgentMemory(RunSession session) => _session = session;

    /// <summary>Gets a value.</summary>
    /// <typeparam name="T">The type to read it as.</typeparam>
    /// <param name="key">The key.</param>
    /// <returns>The value, or the default of <typeparamref name="T"/> where the key is not set.</returns>
    /// <exception cref="OnCellException">What is kept there does not have the form of <typeparamref name="T"/>.</exception>
    public async Task<T?> GetAsync<T>(string key)
    {
        Check(key);
        var kept = await _session.WaitAsync((scope, token) => scope.Memory.GetAsync<JsonElement>(key, token)).ConfigureAwait(false);
        if (kept.ValueKind == JsonValueKind.Undefined) return default;
        try
        {
            return kept.Deserialize<T>(OnCellJson.For<T>());
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new OnCellException(OnCellError.Invalid,
                $"Memory: what is kept under \"{key}\" cannot be read as {typeof(T).Name} ({e.Message}). Read it as JsonElement, or write it anew.", e);
        }
    }

    /// <summary>Sets a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key, 1 to 1,000 characters.</param>
    /// <param name="value">The value; at most 1 MiB as JSON.</param>
    /// <exception cref="OnCellException">The value cannot be kept as JSON, or is too large; nothing was written.</exception>
    public Task SetAsync<T>(string key, T value)
    {
        Check(key);
        var json = ToJson(key, value, _session.Redactor);
        return _session.WaitAsync(async (scope, token) =>
        {
            await scope.Memory.SetAsync(key, json, token).ConfigureAwait(false);
            return true;
        });
    }

    /// <summary>Removes a value. Nothing there is not an error.</summary>
    /// <param name="key">The key.</param>
    public Task DeleteAsync(string key)
    {
        Check(key);
        return _session.WaitAsync(async (scope, token) =>
        {
            await scope.Memory.DeleteAsync(key, token).ConfigureAwait(false);
            return true;
        });
    }

    /// <summary>Lists the keys that start with a prefix, in order.</summary>
    /// <param name="prefix">What they start with; empty for all.</param>
    public Task<IReadOnlyList<string>> KeysAsync(string prefix = "") =>
        _session.WaitAsync((scope, token) => scope.Memory.KeysAsync(prefix, token));

    private static void Check(string key)
    {
        if (key is not { Length: > 0 and <= MaxKey })
            throw new OnCellException(OnCellError.Invalid, $"Memory: a key has 1 to {MaxKey} characters, not {key?.Length ?? 0}.");
    }

    /// <summary>Memory is kept for ever, and handed to later prompts: no secret goes there.</summary>
    private static JsonElement ToJson<T>(string key, T value, Redactor redactor)
    {
        string text;
        try
        {
            text = redactor.Redact(JsonSerializer.Serialize(value, OnCellJson.For<T>()));
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new OnCellException(OnCellError.Invalid,
                $"Memory: the {typeof(T).Name} for \"{key}\" cannot be kept as JSON ({e.Message}). Keep a record of plain values.", e);
        }

        return text.Length <= MaxValue
            ? JsonElement.Parse(text)
            : throw new OnCellException(OnCellError.Invalid,
                $"Memory: the value for \"{key}\" has {text.Length} characters; at most {MaxValue} are kept. Put what is large into a file.");
    }
}
