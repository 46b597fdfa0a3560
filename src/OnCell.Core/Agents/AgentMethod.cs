using System.ComponentModel;
using System.Text.Json.Nodes;

namespace OnCell.Agents;

/// <summary>One method of an agent that can be called from outside. Written by OnCell's source generator.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class AgentMethod
{
    private readonly Action<AgentInput> _read;
    private readonly Func<Agent, AgentInput, Task<JsonNode?>> _invoke;

    /// <summary>Makes a method.</summary>
    /// <param name="name">The name it is called by.</param>
    /// <param name="parameters">What it takes.</param>
    /// <param name="read">Reads every argument, which fails where one is wrong.</param>
    /// <param name="invoke">Calls it.</param>
    public AgentMethod(
        string name, IReadOnlyList<AgentParameter> parameters, Action<AgentInput> read, Func<Agent, AgentInput, Task<JsonNode?>> invoke)
    {
        Name = name;
        Parameters = parameters;
        _read = read;
        _invoke = invoke;
    }

    /// <summary>Gets the name it is called by: camel case, without <c>Async</c>.</summary>
    public string Name { get; }

    /// <summary>Gets what it takes.</summary>
    public IReadOnlyList<AgentParameter> Parameters { get; }

    /// <summary>Gets what it takes, for people.</summary>
    internal string Signature => Parameters.Count == 0
        ? "nothing"
        : string.Join(", ", Parameters.Select(p => $"{p.Name} ({p.Type}{(p.Optional ? ", optional" : "")})"));

    /// <summary>Checks an input before anything is started.</summary>
    /// <exception cref="OnCellException">An argument is missing, unknown or of the wrong form.</exception>
    internal void Check(JsonObject input)
    {
        foreach (var (name, _) in input)
        {
            if (!Parameters.Any(p => p.Name == name))
                throw new OnCellException(OnCellError.Invalid,
                    $"The method \"{Name}\" has no input \"{name}\". It takes: {Signature}.")
                { Field = $"input.{name}" };
        }

        _read(new AgentInput(this, input, null, default));
    }

    /// <summary>Calls the method and returns its result as JSON.</summary>
    internal Task<JsonNode?> InvokeAsync(Agent agent, JsonObject input, CellContext context, CancellationToken cancellationToken) =>
        _invoke(agent, new AgentInput(this, input, context, cancellationToken));
}

/// <summary>An input of an agent's method.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, for people.</param>
/// <param name="Optional">Whether it may be absent.</param>
/// <param name="AllowsNull">Whether it may be null.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record AgentParameter(string Name, string Type, bool Optional, bool AllowsNull);
