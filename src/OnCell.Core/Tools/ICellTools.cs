using System.Text.Json.Nodes;

namespace OnCell;

/// <summary>Uses a customer's cell from outside as an agent would: each call is a run of one step, in the journal like any other.</summary>
public interface ICellTools
{
    /// <summary>Gets the names of the tools: <c>shell</c>, <c>readFile</c>, <c>writeFile</c>, <c>listFiles</c>, <c>search</c>.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Calls a tool and waits for its result; the cell is woken.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="tool">The tool's name.</param>
    /// <param name="input">Its arguments by name.</param>
    /// <param name="cancellationToken">Ends the wait and cancels the run.</param>
    /// <exception cref="OnCellException">There is no such customer or tool, an argument is wrong, or the tool failed.</exception>
    Task<JsonNode?> CallAsync(string customer, string tool, JsonObject input, CancellationToken cancellationToken);
}
