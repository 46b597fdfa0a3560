using OnCell.Client.Json;
using OnCell.Client.Transport;

namespace OnCell.Client;

/// <summary>Cells: state, network decisions, a terminal.</summary>
public sealed class CellsClient
{
    private readonly ApiTransport _api;

    internal CellsClient(ApiTransport api) => _api = api;

    /// <summary>Lists all cells by customer id.</summary>
    public Task<IReadOnlyList<Cell>> ListAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("cells", ClientJson.Default.IReadOnlyListCell, cancellationToken);

    /// <summary>Gets a cell with the latest decisions of its egress proxy.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<CellDetails> InspectAsync(string customer, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"cells/{ApiTransport.Segment(customer)}", ClientJson.Default.CellDetails, cancellationToken);

    /// <summary>Opens a terminal in a cell, which is woken for it.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="rows">The terminal's lines; 1 to 1000.</param>
    /// <param name="columns">The terminal's columns; 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<CellShell> OpenShellAsync(string customer, int rows, int columns, CancellationToken cancellationToken = default) =>
        CellShell.OpenAsync(_api.Http, $"cells/{ApiTransport.Segment(customer)}/shell?rows={rows}&columns={columns}", cancellationToken);
}
