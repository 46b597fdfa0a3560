using System.Text.Json.Nodes;
using OnCell.Hosting;
using OnCell.Journaling;
using OnCell.Runs;

namespace OnCell.Tools;

/// <summary>Runs the tools of a cell.</summary>
internal sealed class CellToolRunner(CellHost host, ICellManager cells) : ICellTools
{
    public IReadOnlyCollection<string> Names => CellToolMethods.Names;

    public async Task<JsonNode?> CallAsync(string customer, string tool, JsonObject input, CancellationToken cancellationToken)
    {
        var method = CellToolMethods.Find(CellToolMethods.Prefix + tool)
            ?? throw new OnCellException(OnCellError.NotFound, $"There is no tool \"{tool}\". There are: {string.Join(", ", Names)}.");
        var run = await RunVerbs.StartToolAsync(
            host.Cells.Get(customer), method, input, RunVerbs.IdOf(null), cancellationToken).ConfigureAwait(false);
        try
        {
            run = await cells.WaitRunAsync(customer, run.Id, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for the result any more, so nobody wants the work.
            await cells.CancelRunAsync(customer, run.Id, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return run.State == RunState.Completed
            ? JsonNode.Parse(run.ResultJson!)
            : throw new OnCellException(OnCellError.Failed, run.Error?.Message ?? $"The run {run.Id} is {run.State}.");
    }
}
