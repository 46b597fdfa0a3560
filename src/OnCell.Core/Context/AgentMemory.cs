using OnCell.Runs;

namespace OnCell;

/// <summary>A customer's memory: JSON values by key, kept across runs. A write takes place exactly once.</summary>
public sealed class AgentMemory
{
    private readonly RunSession _session;

    internal AgentMemory(RunSession session) => _session = session;

    /// <summary>Gets a value.</summary>
    /// <returns>The value, or the default of <typeparamref name="T"/> where the key is not set.</returns>
    public Task<T?> GetAsync<T>(string key)
    {
        _session.ThrowIfBroken();
        return _session.Run.Memory.GetAsync<T>(key, _session.CancellationToken);
    }

    /// <summary>Sets a value.</summary>
    public Task SetAsync<T>(string key, T value)
    {
        _session.ThrowIfBroken();
        return _session.Run.Memory.SetAsync(key, value, _session.CancellationToken);
    }

    /// <summary>Removes a value. Nothing there is not an error.</summary>
    public Task DeleteAsync(string key)
    {
        _session.ThrowIfBroken();
        return _session.Run.Memory.DeleteAsync(key, _session.CancellationToken);
    }

    /// <summary>Lists the keys that start with a prefix, in order.</summary>
    public Task<IReadOnlyList<string>> KeysAsync(string prefix = "")
    {
        _session.ThrowIfBroken();
        return _session.Run.Memory.KeysAsync(prefix, _session.CancellationToken);
    }
}
