using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OnCell.Agents;

/// <summary>One method of an agent that can be called from outside.</summary>
internal sealed class AgentMethod
{
    private delegate Task<JsonNode?> Awaiter(object task);

    private static readonly MethodInfo AwaitTypedMethod =
        typeof(AgentMethod).GetMethod(nameof(AwaitTyped), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly MethodInfo _method;
    private readonly ParameterInfo[] _parameters;
    private readonly Awaiter _await;

    public AgentMethod(MethodInfo method)
    {
        _method = method;
        _parameters = method.GetParameters();
        Name = NameOf(method);
        _await = method.ReturnType.IsGenericType
            ? AwaitTypedMethod.MakeGenericMethod(method.ReturnType.GetGenericArguments()[0]).CreateDelegate<Awaiter>()
            : AwaitPlain;
    }

    /// <summary>Gets the name it is called by: camel case, without <c>Async</c>.</summary>
    public string Name { get; }

    /// <summary>Tells whether a method can be called from outside.</summary>
    public static bool IsEndpoint(MethodInfo method) =>
        method is { IsSpecialName: false, IsGenericMethod: false }
        && method.Name != nameof(Agent.SetupAsync)
        && method.GetParameters() is [{ } first, ..] && first.ParameterType == typeof(CellContext)
        && (method.ReturnType == typeof(Task)
            || (method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Task<>)));

    /// <summary>Reads the arguments from a JSON object by parameter name.</summary>
    /// <exception cref="OnCellException">An argument is missing, unknown or of the wrong form.</exception>
    public object?[] Bind(JsonObject input, CellContext? context, CancellationToken cancellationToken)
    {
        var arguments = new object?[_parameters.Length];
        foreach (var (name, _) in input)
        {
            if (!_parameters.Any(p => p.ParameterType != typeof(CellContext) && p.Name == name))
                throw new OnCellException(OnCellError.Invalid,
                    $"The method \"{Name}\" has no input \"{name}\". It takes: {Signature}.");
        }

        for (var i = 0; i < _parameters.Length; i++)
        {
            var parameter = _parameters[i];
            arguments[i] =
                parameter.ParameterType == typeof(CellContext) ? context
                : parameter.ParameterType == typeof(CancellationToken) ? cancellationToken
                : BindOne(parameter, input);
        }

        return arguments;
    }

    /// <summary>Calls the method and returns its result as JSON.</summary>
    public async Task<JsonNode?> InvokeAsync(
        Agent agent, JsonObject input, CellContext context, CancellationToken cancellationToken)
    {
        var arguments = Bind(input, context, cancellationToken);
        object task;
        try
        {
            task = _method.Invoke(agent, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
        }
        catch (TargetParameterCountException e)
        {
            throw new OnCellException(OnCellError.Invalid, $"The method \"{Name}\" could not be called: {e.Message}", e);
        }

        return await _await(task).ConfigureAwait(false);
    }

    private string Signature => string.Join(", ", _parameters
        .Where(p => p.ParameterType != typeof(CellContext) && p.ParameterType != typeof(CancellationToken))
        .Select(p => $"{p.Name} ({p.ParameterType.Name}{(p.HasDefaultValue ? ", optional" : "")})")
        .DefaultIfEmpty("nothing"));

    private object? BindOne(ParameterInfo parameter, JsonObject input)
    {
        if (!input.TryGetPropertyValue(parameter.Name!, out var node))
        {
            return parameter.HasDefaultValue
                ? parameter.DefaultValue
                : throw new OnCellException(OnCellError.Invalid,
                    $"The method \"{Name}\" needs the input \"{parameter.Name}\". It takes: {Signature}.");
        }

        try
        {
            return node.Deserialize(parameter.ParameterType, OnCellJson.Options);
        }
        catch (JsonException e)
        {
            throw new OnCellException(OnCellError.Invalid,
                $"The input \"{parameter.Name}\" of \"{Name}\" is not a {parameter.ParameterType.Name}: {e.Message}", e);
        }
    }

    private static string NameOf(MethodInfo method)
    {
        var name = method.Name.EndsWith("Async", StringComparison.Ordinal) ? method.Name[..^5] : method.Name;
        return JsonNamingPolicy.CamelCase.ConvertName(name);
    }

    private static async Task<JsonNode?> AwaitPlain(object task)
    {
        await ((Task)task).ConfigureAwait(false);
        return null;
    }

    private static async Task<JsonNode?> AwaitTyped<T>(object task) =>
        JsonSerializer.SerializeToNode(await ((Task<T>)task).ConfigureAwait(false), OnCellJson.Options);
}
