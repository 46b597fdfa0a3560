using System.Text.Json;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling;

/// <summary>The journal's memory read from outside of runs; it is written by runs alone.</summary>
public sealed class MemoryStore
{
    private readonly ReaderPool _readers;

    internal MemoryStore(ReaderPool readers) => _readers = readers;

    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The value, or the type's default when there is none.</returns>
    public Task<T?> GetAsync<T>(string key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(
            MemoryTable.Get(_readers, key) is { } json ? JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web) : default);
    }

    /// <summary>Lists the keys.</summary>
    /// <param name="prefix">What the keys begin with; empty for all.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The keys, in ordinal order.</returns>
    public Task<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return Task.FromResult(MemoryTable.Keys(_readers, prefix));
    }
}
