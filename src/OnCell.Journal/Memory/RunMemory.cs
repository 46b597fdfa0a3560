using System.Text.Json;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling;

/// <summary>
/// The journal's memory as a run sees it: it outlives the run and is shared by all runs of the journal. Each call is a step:
/// what was read is read again when replayed, what was written is written exactly once.
/// </summary>
public sealed class RunMemory
{
    private readonly StepScope _scope;

    internal RunMemory(StepScope scope) => _scope = scope;

    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The value, or the type's default when there is none.</returns>
    public async Task<T?> GetAsync<T>(string key, CancellationToken ct)
    {
        var json = await StepAsync<string?>($"get {key}", StepEffect.Read, _ => MemoryTable.Get(_scope.Run.Store.Readers, key), ct)
            .ConfigureAwait(false);
        return json is null ? default : JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web);
    }

    /// <summary>Writes a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key; at most 1,000 characters.</param>
    /// <param name="value">The value, kept as JSON.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>A task that completes once the value is on the disk.</returns>
    public Task SetAsync<T>(string key, T value, CancellationToken ct)
    {
        var json = JsonSerializer.Serialize(value, JsonSerializerOptions.Web);
        MemoryRules.Check(key, json);
        return StepAsync($"set {key}", StepEffect.Pure, step => Change(step, key, json), ct, new StepArgument("value", json));
    }

    /// <summary>Removes a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>A task that completes once the removal is on the disk.</returns>
    public Task DeleteAsync(string key, CancellationToken ct) =>
        StepAsync($"delete {key}", StepEffect.Pure, step => Change(step, key, null), ct);

    /// <summary>Lists the keys.</summary>
    /// <param name="prefix">What the keys begin with; empty for all.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The keys, in ordinal order.</returns>
    public Task<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken ct) =>
        StepAsync($"keys {prefix}", StepEffect.Read, _ => MemoryTable.Keys(_scope.Run.Store.Readers, prefix), ct);

    private static bool Change(StepExecution step, string key, string? json)
    {
        step.SetMemory(key, json);
        return true;
    }

    private Task<T> StepAsync<T>(
        string name, StepEffect effect, Func<StepExecution, T> body, CancellationToken ct, params StepArgument[] arguments) =>
        _scope.StepAsync(
            new StepSpec<T>
            {
                Kind = "memory",
                Name = name,
                Effect = effect,
                Arguments = arguments,
                Body = (step, _) => Task.FromResult(body(step)),
            },
            ct);
}
