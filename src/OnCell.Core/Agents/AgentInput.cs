using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace OnCell.Agents;

/// <summary>The arguments of a call, as generated code reads them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct AgentInput
{
    private readonly AgentMethod _method;
    private readonly JsonObject _values;
    private readonly CellContext? _context;

    internal AgentInput(AgentMethod method, JsonObject values, CellContext? context, CancellationToken cancellationToken)
    {
        _method = method;
        _values = values;
        _context = context;
        CancellationToken = cancellationToken;
    }

    /// <summary>Gets the cell.</summary>
    public CellContext Context => _context!;

    /// <summary>Gets the token that is cancelled when the run is to stop.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Writes an argument as JSON.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The argument.</param>
    public static JsonNode? ToJson<T>(T value) => JsonSerializer.SerializeToNode(value, Contract<T>());

    /// <summary>Reads an argument that must be there.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="index">Its place among <see cref="AgentMethod.Parameters"/>.</param>
    /// <exception cref="OnCellException">It is missing or of the wrong form.</exception>
    public T Get<T>(int index) => _values.TryGetPropertyValue(_method.Parameters[index].Name, out var node)
        ? Read<T>(index, node)
        : throw Wrong(index, $"The method \"{_method.Name}\" needs the input \"{_method.Parameters[index].Name}\". It takes: {_method.Signature}.");

    /// <summary>Reads an argument that may be absent.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="index">Its place among <see cref="AgentMethod.Parameters"/>.</param>
    /// <param name="absent">What it is where it is absent.</param>
    /// <exception cref="OnCellException">It is of the wrong form.</exception>
    public T Get<T>(int index, T absent) =>
        _values.TryGetPropertyValue(_method.Parameters[index].Name, out var node) ? Read<T>(index, node) : absent;

    internal static JsonTypeInfo<T> Contract<T>() => Contracts<T>.Info;

    private T Read<T>(int index, JsonNode? node)
    {
        var parameter = _method.Parameters[index];
        if (node is null && !parameter.AllowsNull)
            throw Wrong(index, $"The input \"{parameter.Name}\" of \"{_method.Name}\" is null; it must be a {parameter.Type}.");
        try
        {
            return node.Deserialize(Contract<T>())!;
        }
        catch (JsonException e)
        {
            throw Wrong(index, $"The input \"{parameter.Name}\" of \"{_method.Name}\" is not a {parameter.Type}{(e.Path is null or "$" ? "" : $": look at {Shown.Short(e.Path[2..])}")}.", e);
        }
    }

    private OnCellException Wrong(int index, string message, Exception? cause = null) =>
        new(OnCellError.Invalid, message, cause) { Field = $"input.{_method.Parameters[index].Name}" };

    private static class Contracts<T>
    {
        public static readonly JsonTypeInfo<T> Info = (JsonTypeInfo<T>)OnCellJson.For<T>().GetTypeInfo(typeof(T));
    }
}

/// <summary>Turns what a method returns into JSON. Called by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class AgentResult
{
    /// <summary>Waits for a method without a result.</summary>
    public static async Task<JsonNode?> Of(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        await task.ConfigureAwait(false);
        return null;
    }

    /// <summary>Waits for a method and writes its result.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    public static async Task<JsonNode?> Of<T>(Task<T> task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return JsonSerializer.SerializeToNode(await task.ConfigureAwait(false), AgentInput.Contract<T>());
    }
}
