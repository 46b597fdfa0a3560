using System.Text.Json;

namespace OnCell.Demo.Service;

/// <summary>One server-sent event.</summary>
/// <param name="Id">Its id, where it has one to resume from.</param>
/// <param name="Type">Its type, such as <c>step.started</c>.</param>
/// <param name="Data">Its data.</param>
public sealed record ServiceEvent(string? Id, string Type, JsonElement Data)
{
    /// <summary>Gets a text of the data, or an empty one where it is absent.</summary>
    public string Text(string name) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(name, out var value) ? value.ToString() : "";
}

/// <summary>One step of a run, as the service reports it.</summary>
public sealed record RunStep(
    string Position, string Kind, string Name, string State, int Attempts, long Epoch, double? Milliseconds, bool Reattached, int Replays);
